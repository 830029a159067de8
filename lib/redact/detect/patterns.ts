/**
 * Credentials that are known by their own form, wherever they stand: keys of clouds and forges, JSON
 * Web Tokens, private keys, passwords in URLs. Pure.
 */
import { createScan, scannable } from "./anchors.ts";
import type { Span } from "./spans.ts";
import { isPlain } from "./values.ts";
import { VENDOR_TOKENS } from "./vendor_tokens.ts";

/** A form of credential. */
export interface Form {
  /** Words that lead to it, in any case. */
  readonly words: readonly string[];
  /** Characters before the word that may belong to it, and how many at most. */
  readonly before?: readonly [characters: RegExp, most: number];
  /** Sticky, from there. The group `secret` is what is hidden, or else the whole match. */
  readonly find: RegExp;
  /** It may follow letters and digits. */
  readonly inWord?: boolean;
  readonly unless?: (secret: string, text: string, end: number) => boolean;
}

const SCHEME: Form["before"] = [/[a-z0-9+.-]/i, 31];

const OTHER_FORMS: readonly Form[] = [
  // RFC 7468; also where line breaks are written as \n. To its end, or the text's where it is cut off.
  {
    words: ["-----begin "],
    inWord: true,
    find:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}(?:PRIVATE KEY|PRIVATE KEY BLOCK|MESSAGE)-----[\s\S]*?(?:-----END (?:[A-Z0-9]+ ){0,3}(?:PRIVATE KEY|PRIVATE KEY BLOCK|MESSAGE)-----|$)/y,
  },
  {
    words: ["private-lines: "],
    find:
      /private-lines: \d{1,3}(?:\r?\n|\\n)(?<secret>(?:[A-Za-z0-9+\/=]{1,64}(?:\r?\n|\\n|$)){1,99})/iy,
  },
  // RFC 7519, and cut off behind its header.
  {
    words: ["eyJ"],
    find: /(?<![\w-]{1}(?<!\\[nrt]))eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){0,3}/y,
    inWord: true,
  },
  {
    words: ["hooks.slack.com", "api/webhooks/", "webhook.office.com", "hooks.zapier.com"],
    inWord: true,
    find:
      /(?:hooks\.slack\.com\/(?:services|workflows|triggers)|api\/webhooks\/\d{10,20}|api\/webhooks|webhook\.office\.com\/webhookb2|hooks\.zapier\.com\/hooks\/catch)\/(?<secret>[\w\/@-]{8,})/iy,
  },
  {
    words: ["sk-"],
    find:
      /(?<!-)sk-(?:ant-|proj-|svcacct-|admin-|or-v1-)?(?=[\w-]{0,200}\d)(?=[\w-]{0,200}[A-Za-z])[\w-]{20,}/y,
  },
  // Vault, before its version 1.10.
  { words: ["s.", "b."], find: /(?<![.-])[sb]\.(?=\w{0,23}\d)(?=\w{0,23}[A-Z])\w{24}(?![\w-])/y },
  // Telegram.
  {
    words: [":AA"],
    before: [/\d/, 10],
    find: /\d{8,10}:AA[\w-]{32,}/y,
  },
  // Terraform.
  {
    words: [".atlasv1."],
    before: [/[A-Za-z0-9]/, 14],
    find: /[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}/iy,
  },
  // MaxMind.
  { words: ["_mmk"], before: [/\w/, 36], find: /[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk\b/y },
  // Mailchimp.
  { words: ["-us"], before: [/[a-f0-9]/, 32], find: /[a-f0-9]{32}-us\d{1,2}(?!\w)/y },
  // Azure: keys in connection strings, shared access signatures, secrets of applications.
  {
    words: ["accountkey=", "sharedaccesskey=", "sharedaccesssignature="],
    inWord: true,
    find: /(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?<secret>[^;\s"'\\]{8,})/iy,
  },
  {
    words: ["?sig", "&sig", "?x-amz-", "&x-amz-", "?x-goog-", "&x-goog-"],
    inWord: true,
    find:
      /[?&](?:sig|signature|x-amz-signature|x-amz-security-token|x-amz-credential|x-goog-signature)=(?<secret>[^&\s"'\\]{8,})/iy,
  },
  { words: ["Q~"], before: [/[\w~.-]/, 4], find: /[\w~.-]{3}\dQ~[\w~.-]{31,34}/y },
  // Hashes of passwords: crypt(5), PHC strings.
  {
    words: "$2a$ $2b$ $2x$ $2y$ $1$ $5$ $6$ $7$ $y$ $gy$ $apr1$ $argon2 $scrypt$ $pbkdf2".split(
      " ",
    ),
    inWord: true,
    find:
      /\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|(?:1|5|6|7|y|gy|apr1)\$[^\s"':]{10,}|argon2(?:id|i|d)\$[^\s"']{20,}|scrypt\$[^\s"']{20,}|pbkdf2[\w-]{0,20}\$[^\s"']{20,})/y,
  },
  {
    words: ["{sha", "{ssha", "{crypt", "scram-sha-"],
    inWord: true,
    find:
      /(?:\{S?SHA\d{0,3}\}[A-Za-z0-9+\/=]{20,}|\{CRYPT\}[^\s"']{10,}|SCRAM-SHA-\d{1,3}\$\d{1,9}:[A-Za-z0-9+\/=]{8,}\$[A-Za-z0-9+\/=:]{20,})/iy,
  },
  // RFC 3986, section 3.2.1. A digest behind an image's tag is no host, a port no password.
  {
    words: ["://"],
    before: SCHEME,
    inWord: true,
    find:
      /[a-z0-9+.-]{1,31}:\/\/[^\s:\/?#@"'<>\\]{0,256}:(?<secret>[^\s@"'<>\\]{1,512}(?:@[^\s@"'<>\\\/]{1,512}(?=@)){0,8})@/iy,
    unless: (secret, text, end) =>
      /^\d{1,5}(?:[\/?#]|$)/.test(secret) && /[\/?#]/.test(secret) ||
      /^sha\d{3}:/.test(text.slice(end + 1, end + 8)),
  },
  // A token alone before the host.
  {
    words: ["://"],
    before: SCHEME,
    inWord: true,
    find: /[a-z0-9+.-]{1,31}:\/\/(?<secret>(?=[\w-]{0,512}\d)[\w-]{20,512})@/iy,
  },
  // Of Go's database drivers, and of Oracle's.
  {
    words: ["@tcp(", "@unix("],
    before: [/[^\s"'<>]/, 320],
    inWord: true,
    find: /[^\s"'<>]{0,256}?(?<![\w.-])[\w.-]{1,64}:(?<secret>[^\s:@"'<>]{1,256})@(?:tcp|unix)\(/y,
  },
  {
    words: ["jdbc:oracle:"],
    find: /jdbc:oracle:\w{1,16}:[\w.-]{1,64}\/(?<secret>[^\s@"'\/]{1,256})@/y,
  },
  // SQL: the password of a user.
  {
    words: ["identified "],
    find: /identified (?:with \w{1,40} )?by {0,4}'(?<secret>[^'\n]{1,256})'/iy,
  },
  {
    words: ["chpasswd"],
    before: [/[^\n]/, 400],
    inWord: true,
    find:
      /[^\n]{0,400}?echo {1,4}["']?[\w.-]{1,64}:(?<secret>[^\s"'|]{1,256})["']? {0,4}\|[^\n|]{0,40}chpasswd/y,
  },
  // RFC 7617, RFC 6750: the scheme and what proves.
  {
    words: ["basic ", "bearer ", "negotiate ", "apikey ", "bearer%20", "basic%20"],
    find:
      /(?:basic|bearer|negotiate|apikey)(?: {1,8}|%20)\\?["']?(?<secret>[A-Za-z0-9._~+\/-][A-Za-z0-9._~+\/=-]{5,})/iy,
    unless: (secret, text, end) =>
      // A parameter of the scheme: Bearer realm="…".
      (/^\w+=$/.test(secret) && text[end] === '"') ||
      !/\d|[a-z][A-Z]|=$|[._~+\/]\w|^[A-Z]{8,}$/.test(secret) ||
      /^[A-Za-z]+[._]?$/.test(secret) && !/[a-z][A-Z]/.test(secret),
  },
];

/** What is escaped in a regular expression. */
function literal(text: string): string {
  return text.replaceAll(/[.$+?()[\]{}|\\\/]/g, "\\$&");
}

/** The forms. */
export const FORMS: readonly Form[] = [
  ...VENDOR_TOKENS.map(([beginnings, rest]): Form => {
    const words = beginnings.split(/ (?!$)/);
    return {
      words,
      find: new RegExp(`(?:${words.map(literal).join("|")})${rest}`, "y"),
      inWord: /^[^A-Za-z0-9]/.test(beginnings),
    };
  }),
  ...OTHER_FORMS,
];

/** Where a text holds a credential of a form whose word begins at `start`, unless that lies before `from`. */
function formSpan(form: Form, text: string, start: number, from: number): Span | undefined {
  const { find, before, inWord, unless } = form;
  if (before) {
    const [characters, most] = before;
    for (let left = most; left > 0 && start > from && characters.test(text[start - 1]!); left--) {
      start -= 1;
    }
  }
  if (start < from || (!inWord && isInWord(text, start))) return undefined;
  find.lastIndex = start;
  const match = find.exec(text);
  if (match === null) return undefined;
  const secret = match.groups?.secret ?? match[0];
  // The last place in the match that can be meant: a secret is its end, but for a delimiter.
  const at = start + match[0].lastIndexOf(secret);
  const end = at + secret.length;
  return isPlain(secret) || unless?.(secret, text, end) ? undefined : { start: at, end };
}

/** Whether a place is in the middle of a word; the letter of an escaped line break is not of it. */
function isInWord(text: string, at: number): boolean {
  return at > 0 && /[A-Za-z0-9]/.test(text[at - 1]!) &&
    !/(?:\\[nrtbf]|%[0-9A-F]{2})$/.test(text.slice(Math.max(0, at - 3), at));
}

const words = FORMS.flatMap((form) => form.words.map((word) => ({ form, word })));
const scan = createScan(words.map(({ word }) => word));

/** Where a text holds credentials of a known form. */
export function patternSpans(text: string): Span[] {
  const spans: Span[] = [];
  const visit = formVisitor(text, spans);
  scan(scannable(text), {
    word: (index, start) => visit(words[index]!.form, start),
    run: () => {},
    stop: (at) => bootstrapToken(text, at, spans),
  });
  return spans;
}

/** Tokens of kubeadm; names of events have such an end, in hexadecimal. */
const BOOTSTRAP =
  /(?<![\w.-])[a-z0-9]{6}\.(?=[a-z0-9]{0,15}\d)(?=[a-f0-9]{0,15}[g-z])[a-z0-9]{16}(?![\w.-])/y;

/** Adds the token of kubeadm whose full stop is at this place, if there is one. */
export function bootstrapToken(text: string, stop: number, spans: Span[]): void {
  BOOTSTRAP.lastIndex = stop - 6;
  if (BOOTSTRAP.test(text)) spans.push({ start: stop - 6, end: stop + 17 });
}

/** Takes the places of a text where forms may begin, in order. */
export function formVisitor(text: string, spans: Span[]): (form: Form, start: number) => void {
  // What a form has found is not looked at again for it.
  const done = new Map<Form, number>();
  return (form, start) => {
    const span = formSpan(form, text, start, done.get(form) ?? 0);
    if (span === undefined) return;
    spans.push(span);
    done.set(form, span.end);
  };
}
