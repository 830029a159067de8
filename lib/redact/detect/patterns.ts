/**
 * Credentials that are known by their own form, wherever they stand: keys of clouds and forges, JSON
 * Web Tokens, private keys, passwords in URLs. Pure.
 */
import { isPlain } from "./values.ts";
import type { Span } from "./spans.ts";

/** A form of credential. */
interface Pattern {
  /** Text that each match holds, for a quick look; any of them. */
  readonly hints: readonly string[];
  /** Global. The group `secret` is what is hidden, or else the whole match. */
  readonly find: RegExp;
  readonly unless?: (secret: string, text: string, end: number) => boolean;
}

const PATTERNS: readonly Pattern[] = [
  // RFC 7468; also where line breaks are written as \n. To its end, or the text's where it is cut off.
  {
    hints: ["PRIVATE KEY", "PGP MESSAGE"],
    find:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}(?:PRIVATE KEY|PRIVATE KEY BLOCK|MESSAGE)-----[\s\S]*?(?:-----END (?:[A-Z0-9]+ ){0,3}(?:PRIVATE KEY|PRIVATE KEY BLOCK|MESSAGE)-----|$)/g,
  },
  // RFC 7519, and cut off behind its header.
  {
    hints: ["eyJ"],
    find: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){0,3}/g,
  },
  {
    hints: ["AKIA", "ASIA", "ABIA", "ACCA"],
    find: /(?<![A-Z0-9])A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Z0-9])/g,
  },
  { hints: ["gh"], find: /(?<![A-Za-z0-9])gh[opusr]_[A-Za-z0-9]{30,255}/g },
  { hints: ["github_pat_"], find: /github_pat_\w{22,255}/g },
  {
    hints: ["gl"],
    find: /(?<![A-Za-z0-9])gl(?:pat|ptt|dt|rt|rtr|cbt|soat|ffct|imt|agent|oas|ft)-[\w.-]{16,}/g,
  },
  { hints: ["xox", "xapp-"], find: /(?<![A-Za-z0-9])(?:xox[a-z]|xapp|xwfp)-[\w-]{10,}/g },
  {
    hints: ["hooks.slack.com", "discord", "webhook.office.com"],
    find:
      /(?:hooks\.slack\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/webhooks|webhook\.office\.com\/webhookb2)\/(?<secret>[\w/@-]{8,})/g,
  },
  {
    hints: ["sk_", "rk_", "whsec_"],
    find: /(?<![A-Za-z0-9])(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9+/=]{10,}/g,
  },
  { hints: ["npm_"], find: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,}/g },
  { hints: ["AIza"], find: /(?<![A-Za-z0-9])AIza[\w-]{30,}/g },
  { hints: ["ya29."], find: /(?<![A-Za-z0-9])ya29\.[\w-]{10,}/g },
  { hints: ["GOCSPX-"], find: /GOCSPX-[\w-]{20,}/g },
  {
    hints: ["sk-"],
    find:
      /(?<![A-Za-z0-9-])sk-(?:ant-|proj-|svcacct-|or-v1-)?(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}/g,
  },
  {
    hints: ["hv", "s."],
    find: /(?<![\w.-])(?:hv[sbr]\.[\w-]{20,}|[sb]\.(?=\w*\d)(?=\w*[A-Z])\w{24})(?![\w-])/g,
  },
  { hints: ["SG."], find: /(?<![A-Za-z0-9])SG\.[\w-]{16,}\.[\w-]{16,}/g },
  {
    hints: [
      "do",
      "dckr_",
      "pypi-",
      "shp",
      "lin_",
      "hf_",
      "nfp_",
      "dapi",
      "pul-",
      "sntry",
      "glsa_",
      "glc_",
      "ops_",
      "tskey-",
      "rubygems_",
      "PMAK-",
      "dp.",
    ],
    find:
      /(?<![A-Za-z0-9])(?:do[opr]_v1_[a-f0-9]{40,}|dckr_(?:pat|oat)_[\w-]{20,}|pypi-[\w-]{30,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|lin_(?:api|oauth)_\w{30,}|hf_[A-Za-z]{30,}|nfp_\w{30,}|dapi[a-f0-9]{32}|pul-[a-f0-9]{40}|sntry[su]_[\w+/=]{30,}|glsa_\w{30,}|glc_[\w+/=]{30,}|ops_eyJ[\w-]{30,}|tskey-[\w-]{20,}|rubygems_[a-f0-9]{40,}|PMAK-[\w-]{30,}|dp\.(?:pt|st|ct)\.[\w.-]{30,})/g,
  },
  { hints: ["AC", "SK"], find: /(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])/g },
  { hints: [":AA"], find: /(?<!\d)\d{8,10}:AA[\w-]{32,}/g },
  { hints: ["AGE-SECRET-KEY-"], find: /AGE-SECRET-KEY-1[A-Z0-9]{50,}/g },
  // Azure: keys in connection strings, shared access signatures, secrets of applications.
  {
    hints: ["AccountKey", "SharedAccess", "accountkey"],
    find: /(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?<secret>[^;\s"'\\]{8,})/gi,
  },
  {
    hints: ["sig=", "Signature=", "X-Amz-", "x-amz-"],
    find:
      /[?&](?:sig|signature|x-amz-signature|x-amz-security-token|x-amz-credential|x-goog-signature)=(?<secret>[^&\s"'\\]{8,})/gi,
  },
  { hints: ["Q~"], find: /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}/g },
  // Bootstrap tokens of kubeadm; names of events have such an end, in hexadecimal.
  {
    hints: ["."],
    find: /(?<![\w.-])[a-z0-9]{6}\.(?=[a-z0-9]*\d)(?=[a-f0-9]*[g-z])[a-z0-9]{16}(?![\w.-])/g,
  },
  // Hashes of passwords: crypt(5), PHC strings.
  {
    hints: ["$"],
    find:
      /\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|(?:1|5|6|7|y|gy|apr1)\$[^\s"':]{10,}|argon2(?:id|i|d)\$[^\s"']{20,}|scrypt\$[^\s"']{20,}|pbkdf2[\w-]*\$[^\s"']{20,})/g,
  },
  { hints: ["{S"], find: /\{S?SHA\d{0,3}\}[A-Za-z0-9+/=]{20,}/g },
  // RFC 3986, section 3.2.1. A digest behind an image's tag is no host, a port no password.
  {
    hints: ["://"],
    find:
      /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:\/?#@"'<>\\]{0,256}:(?<secret>[^\s@"'<>\\]{1,512}(?:@[^\s@"'<>\\\/]{1,512}(?=@))*)@/gi,
    unless: (secret, text, end) =>
      /^\d{1,5}(?:[\/?#]|$)/.test(secret) && /[\/?#]/.test(secret) ||
      /^sha\d{3}:/.test(text.slice(end + 1, end + 8)),
  },
  // Of Go's database drivers, and of Oracle's.
  {
    hints: ["@tcp(", "@unix("],
    find: /(?<![\w.-])[\w.-]{1,64}:(?<secret>[^\s:@"'<>]{1,256})@(?:tcp|unix)\(/g,
  },
  {
    hints: ["jdbc:oracle:"],
    find: /jdbc:oracle:\w{1,16}:[\w.-]{1,64}\/(?<secret>[^\s@"'\/]{1,256})@/g,
  },
  // SQL: the password of a user.
  {
    hints: ["dentified", "DENTIFIED", "assword", "ASSWORD"],
    find:
      /\b(?:identified (?:with \w{1,40} )?by|(?:with|encrypted|set|user \S{1,64}) password(?: for \S{1,64})?(?: ?=)?) {0,4}'(?<secret>[^'\n]{1,256})'/gi,
  },
  // Redis.
  {
    hints: ["requirepass ", "masterauth "],
    find:
      /\b(?:requirepass|masterauth) {1,8}["']?(?<secret>[^\s"']{1,512})(?=["']? {0,8}(?:\r?\n|$))/g,
  },
  {
    hints: ["chpasswd"],
    find:
      /echo {1,4}["']?[\w.-]{1,64}:(?<secret>[^\s"'|]{1,256})["']? {0,4}\|[^\n|]{0,40}chpasswd/g,
  },
  // A token alone before the host.
  { hints: ["://"], find: /[a-z][a-z0-9+.-]{0,30}:\/\/(?<secret>(?=[\w-]*\d)[\w-]{20,512})@/gi },
  // RFC 7617, RFC 6750: the scheme and what proves.
  {
    hints: ["asic ", "earer ", "ASIC ", "EARER ", "egotiate ", "piKey ", "earer%20"],
    find:
      /(?<![\w-])(?:basic|bearer|negotiate|apikey)(?: +|%20)\\?["']?(?<secret>[A-Za-z0-9._~+\/=-]{6,})/gi,
    unless: (secret, text, end) =>
      // A parameter of the scheme: Bearer realm="…".
      (/^\w+=$/.test(secret) && text[end] === '"') ||
      !/\d|[a-z][A-Z]|=$|[._~+\/]\w|^[A-Z]{8,}$/.test(secret) ||
      /^[A-Za-z]+[._]?$/.test(secret) && !/[a-z][A-Z]/.test(secret),
  },
];

/** Where a text holds credentials of a known form. */
export function patternSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const { hints, find, unless } of PATTERNS) {
    if (!hints.some((hint) => text.includes(hint))) continue;
    for (const match of text.matchAll(find)) {
      const secret = match.groups?.secret ?? match[0];
      // The first place in the match that can be meant: a secret is its end, but for a delimiter.
      const start = match.index + match[0].lastIndexOf(secret);
      const end = start + secret.length;
      if (isPlain(secret) || unless?.(secret, text, end)) continue;
      spans.push({ start, end });
    }
  }
  return spans;
}
