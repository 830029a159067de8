/**
 * Credentials that are known by what stands around them in a text: pairs of name and value, manifests
 * of Secrets, options of well-known programs, entries of password files. Pure.
 */
import { nameStrength } from "./names.ts";
import type { Span } from "./spans.ts";
import { isCredentialValue, isPlain } from "./values.ts";

/** Where a text holds such credentials. */
export function fragmentSpans(text: string): Span[] {
  const spans: Span[] = [];
  if (/value/i.test(text)) namedValues(text, spans);
  if (text.includes("Secret") || text.includes("stringData")) secretManifests(text, spans);
  if (text.includes("</")) elements(text, spans);
  if (text.includes(" -")) programOptions(text, spans);
  if (/login|machine/.test(text) || text.includes(":*:")) passwordFiles(text, spans);
  return spans;
}

/**
 * `- name: DB_PASSWORD\n  value: x`, `"name":"DB_PASSWORD","value":"x"`,
 * `{Name:DB_PASSWORD Value:x ValueFrom:nil}`, `Name: "DB_PASSWORD", Value: "x"`.
 */
const NAMED_VALUE =
  /(?:name|key)\\*["']?\s*[:=]\s*\\*["']?([\w.\/-]{1,100})\\*["']?(?:,\s*|\s+(?:-\s+)?)\\*["']?value\\*["']?\s*[:=]\s*(?:(\\*["'])((?:(?!\2)[\s\S]){1,4096})(?:\2|$)|([^\s"',}]+))/gi;

function namedValues(text: string, spans: Span[]): void {
  for (const match of text.matchAll(NAMED_VALUE)) {
    const value = match[3] ?? match[4];
    if (value === undefined || !isCredentialValue(envStrength(match[1]!), value)) continue;
    const end = match.index + match[0].length -
      (match[3] === undefined || !match[0].endsWith(match[2]!) ? 0 : match[2]!.length);
    spans.push({ start: end - value.length, end });
  }
}

/** The strength of a variable's name: what is named secret there is one. */
export function envStrength(name: string) {
  const strength = nameStrength(name);
  return strength === "reference" && /secret|_auth$|key$/i.test(name) ? "credential" : strength;
}

/** The values below `data` and `stringData` of manifests of Secrets in YAML and in pieces of JSON. */
function secretManifests(text: string, spans: Span[]): void {
  const inJson = /\\*"kind\\*"\s*:\s*\\*"Secret\\*"/.test(text);
  const fields = inJson
    ? /\\*"(?:data|stringData)\\*"\s*:\s*\{([^{}]*)\}/g
    : /\\*"stringData\\*"\s*:\s*\{([^{}]*)\}/g;
  for (const match of text.matchAll(fields)) {
    const start = match.index + match[0].length - 1 - match[1]!.length;
    for (const pair of match[1]!.matchAll(/:\s*(\\*")((?:(?!\1)[\s\S])+)\1/g)) {
      const end = start + pair.index + pair[0].length - pair[1]!.length;
      spans.push({ start: end - pair[2]!.length, end });
    }
  }
  const inYaml = /^[ \t]*(?:- )?kind:[ \t]*["']?Secret["']?[ \t]*$/m.test(text);
  const blocks = inYaml
    ? /^([ \t]*)(?:- )?(?:data|stringData):[ \t]*(\{[^\n]*)?$/gm
    : /^([ \t]*)(?:- )?stringData:[ \t]*(\{[^\n]*)?$/gm;
  for (const match of text.matchAll(blocks)) {
    if (match[2] !== undefined) {
      const end = match.index + match[0].length;
      spans.push({ start: end - match[2].length, end });
    } else yamlBlock(text, match.index + match[0].length + 1, match[1]!.length, spans);
  }
}

function yamlBlock(text: string, from: number, indent: number, spans: Span[]): void {
  let keys: number | undefined;
  for (let at = from; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(at, end);
    const depth = /^[ \t]*/.exec(line)![0].length;
    if (line.trim() !== "") {
      if (depth <= indent) return;
      keys ??= depth;
      const pair = depth === keys
        ? /^(?:"[^"]*"|'[^']*'|[^:#]+):[ \t]*(.*)$/.exec(line.trim())
        : null;
      const value = pair ? pair[1]! : line.trim();
      if (value !== "" && !/^[|>][-+0-9]*$/.test(value)) {
        const start = at + line.lastIndexOf(value);
        spans.push({ start, end: start + value.length });
      }
    }
    at = end + 1;
  }
}

/** `<password>x</password>`. */
function elements(text: string, spans: Span[]): void {
  for (const match of text.matchAll(/<([\w.:-]{1,100})(?: [^<>]*)?>([^<]{1,4096})<\/\1>/g)) {
    if (!isCredentialValue(nameStrength(match[1]!), match[2]!.trim())) continue;
    const end = match.index + match[0].length - match[1]!.length - 3;
    spans.push({ start: end - match[2]!.length, end });
  }
}

/** Options whose meaning depends on the program: `mysql -pX`, `curl -u user:X`, `sshpass -p X`. */
const PROGRAMS = ([
  [/(?:mysql\w*|mariadb[\w-]*|xtrabackup)/, /-p(["']?)([^\s"']+)/],
  [
    /(?:(?:docker|podman|nerdctl|helm|crane|skopeo|oras|az|buildah)(?: registry| auth)? login|mongo\w*|sshpass|redis-benchmark|sqlcmd|cqlsh|rabbitmqadmin|ldap\w+|htpasswd)/,
    /-[pPw][ =]?(["']?)([^\s"'-][^\s"']*)/,
  ],
  [/(?:redis-cli|valkey-cli|keydb-cli)/, /-a[ =](["']?)([^\s"']+)/],
  [/(?:curl|wget|https?|ab|hey)/, /(?:-u|--user|--proxy-user)[ =]?(["']?)[^\s"':]+:([^\s"']+)/],
  [/(?:7za?|zip|unzip)/, /-[pP] ?(["']?)([^\s"']+)/],
] as const).map(([program, option]) => ({
  program,
  // The value is its second group.
  find: new RegExp(
    `(?:^|[\\s/"'=;&|(])${program.source}(?=\\s)[^\\n;|&]{0,1000}?\\s${option.source}`,
    "gd",
  ),
}));

/** Where a command line gives a password by an option of its program. */
export function programOptions(text: string, spans: Span[]): void {
  for (const { program, find } of PROGRAMS) {
    if (!program.test(text)) continue;
    for (const match of text.matchAll(find)) {
      const place = match.indices?.[2];
      const value = match[2];
      if (place === undefined || value === undefined || isPlain(value)) continue;
      // A port, a project, a folder: those letters mean other things to other subcommands.
      if (/^(?:\d{1,5}(?::\d{1,5})*(?:\/\w+)?|\/\S*|\d[\d.]*:\d+:\d+)$/.test(value)) continue;
      spans.push({ start: place[0], end: place[1] });
    }
  }
}

/** netrc and pgpass. */
function passwordFiles(text: string, spans: Span[]): void {
  for (const match of text.matchAll(/\blogin\s+\S+\s+(?:account\s+\S+\s+)?password\s+(\S+)/g)) {
    const end = match.index + match[0].length;
    spans.push({ start: end - match[1]!.length, end });
  }
  for (const match of text.matchAll(/^[^\s:#]+:(?:\d+|\*):[^\s:]+:[^\s:]+:([^\s:]+)$/gm)) {
    const end = match.index + match[0].length;
    spans.push({ start: end - match[1]!.length, end });
  }
}
