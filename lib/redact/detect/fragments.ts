/** Credentials that are known by the document they are in: manifests of Secrets, password files. Pure. */
import type { Span } from "./spans.ts";

/** Where a text holds such credentials. */
export function fragmentSpans(text: string): Span[] {
  const spans: Span[] = [];
  if (text.includes("Secret") || text.includes("stringData")) secretManifests(text, spans);
  if (text.includes(":*:") || text.includes(":543")) passwordFile(text, spans);
  return spans;
}

/** The values below `data` and `stringData` of manifests of Secrets in YAML and in pieces of JSON. */
function secretManifests(text: string, spans: Span[]): void {
  const inJson = /kind\\*"\s*:\s*\\*"Secret\\*"/.test(text);
  const hasStrings = text.includes("stringData");
  const inYaml = /kind:[ \t]*["']?Secret["']?[ \t]*\r?$/m.test(text);
  if (!inJson && !inYaml && !hasStrings) return;
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

/** pgpass: host, port, database, user and password. */
function passwordFile(text: string, spans: Span[]): void {
  const lines = /^[^\s:#]{1,255}:(?:\d{4,5}|\*):[^\s:]{1,63}:[^\s:]{1,63}:([^\s:]{1,1024})$/gm;
  for (const match of text.matchAll(lines)) {
    const end = match.index + match[0].length;
    spans.push({ start: end - match[1]!.length, end });
  }
}
