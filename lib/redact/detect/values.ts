/** What values look like: words that are no secrets, names of things, public keys, random text. Pure. */
import { type NameStrength, nameStrength } from "./names.ts";

/** Words that say that there is nothing, or yes and no. */
const PLAIN =
  /^(?:true|false|yes|no|on|off|y|n|null|nil|none|undefined|n\/a|unset|empty|enabled?|disabled?|required?|optional|auto|[01]|-|redacted|masked|hidden|omitted|filtered|removed)$/i;

/** Stars, dots and other ways of leaving something out; references that somebody else fills in. */
const PLACEHOLDER =
  /^(?:[*•.…x_?-]+|\[redacted:[0-9a-f]{12}\]|<+\s*[A-Za-z][^<>]*>+|[[({*]+\s*[A-Za-z][A-Za-z _.-]*\s*[\])}*]+|\$\{[^}]*\}|\$\((?!(?:printf|echo)\s)[^)]*\)|\$\d|\$?\{\{.*\}\}|%\(\w+\)s|%[sdvq])$/is;

/** Where a value is to be found, and not the value. */
const POINTER =
  /^(?:(?:vault|op|sm|awssm|azurekv|gcpsm|ssm|bao|secretref|ref|sops|doppler|berglas|akv):|arn:aws[\w-]*:|projects\/[\w-]+\/secrets\/|file:\/\/\/|~?\/(?:etc|run|var|home|usr|opt|tmp|secrets?|mnt|vault|data|app|config|certs?|root|srv|keys|bitnami|tmp)\/)[\w./:@#~+-]*$/i;

const PLAIN_LENGTH = 512;

/** Whether a value cannot be a secret, whatever its name. */
export function isPlain(value: string): boolean {
  // Of what is longer these expressions would take their time, and it is none of these.
  return value.length < 40 && PLAIN.test(value) || isBlank(value) ||
    value.length <= PLAIN_LENGTH &&
      (PLACEHOLDER.test(value) || POINTER.test(value) || isVariable(value));
}

/** `$DB_PASSWORD`, `$token`: a shell's variable, `$slack-token` of Argo CD; no password that begins with a dollar. */
function isVariable(value: string): boolean {
  const name = /^\$([A-Za-z_][\w.:-]*)$/.exec(value)?.[1];
  return name !== undefined &&
    (/^(?:[A-Z][A-Z0-9_]*|[a-z_]+)$/.test(name) || nameStrength(name) !== "none");
}

function isBlank(value: string): boolean {
  return value.trim() === "";
}

/** Whether the value under such a name is to be hidden as a whole. */
export function isCredentialValue(strength: NameStrength, value: string): boolean {
  if (strength === "none" || isPlain(value)) return false;
  if (strength === "password") return true;
  // Seconds of a token's life, under a name that does not say so.
  if (/^\d{1,5}(?:ms|s|m|h|d)?$/.test(value)) return false;
  if (strength === "pair") return isEncodedPair(value);
  // Sessions of ZooKeeper.
  if (/^0x[0-9a-f]{1,16}$/i.test(value)) return false;
  if (strength === "field" && /^[a-z]{1,16}$/.test(value)) return false;
  return strength === "credential" || !isReference(value);
}

/** base64 of `user:password`, as in the `auth` of a registry. */
function isEncodedPair(value: string): boolean {
  return /^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(value) &&
    /^[\x20-\x7e]+:[\x20-\x7e]*$/.test(decodeBase64(value) ?? "");
}

/** `shop/db-credentials`: names of Kubernetes objects, made of words. */
export function isReference(value: string): boolean {
  if (value.length > 253 || !/^[a-z0-9][a-z0-9.\/_-]*$/i.test(value)) return false;
  const parts = value.split(/[-./_]/).filter((part) => part !== "");
  return parts.length > 1 &&
    parts.every((part, at) =>
      /^(?:[a-z]{1,16}|[A-Z][a-z]{1,15}|[A-Z]{2,16})\d{0,2}$/.test(part) ||
      /^\d{1,3}$/.test(part) ||
      // The end of a generated name.
      (at === parts.length - 1 && /^[a-z0-9]{5}$/.test(part))
    );
}

/** Whether a word in running text is likely to be a value, and no word of the sentence. */
export function isOutOfProse(word: string): boolean {
  return word.length >= 4 && (/\d/.test(word) || /[^A-Za-z'.,:;!?()-]/.test(word) ||
    /[a-z][A-Z]/.test(word));
}

/** What a sentence goes on with behind the name of a credential. */
export const FIRST_OF_PROSE =
  /^(?:password|passwords|must|is|was|are|not|no|the|a|an|to|cannot|can|should|does|has|have|had|incorrect|wrong|failed|failure|authentication|mismatch|expired|missing|invalid|unknown|unable|unauthorized|rejected|accepted|valid|verified|validation|refresh(?:ed|ing)?|updated|rotat(?:ed|ing)|created|found|error|for|from|of|and|or|with|that|this|when|will|use|used|using|string|specify|specifies|name|length|type)\b/i;

/** Whether a word in small letters is more likely one of a sentence than a password. */
export function isWordOfProse(word: string): boolean {
  return word.length < 6 || FIRST_OF_PROSE.test(word) ||
    /(?:ed|ing|ion|able|ible|ment|ity|ure|ly|ful|less|ies|ness|ance|ence)[.,;:!?)]*$/i.test(word) ||
    /^(?:prompt|manager|field|policy|method|default|format|options?|settings?|strict|server|client|account|users?|string|number|object|minutes|seconds|please|success|plaintext|bcrypt|argon2id|sha256|external|internal|vault|redacted)[.,;:!?)]*$/i
      .test(word);
}

const HEXADECIMAL = /^(?:0x)?[0-9a-fA-F]+$/;
/** An id, of a request as of Vault, or a digest: letters that say of what, and how it was written down. */
const MARKED_HEXADECIMAL = /^[A-Za-z]{1,12}[-_]?(?:[0-9a-f]{32,}|[0-9A-F]{32,})$/;
const UPPER = 1;
const LOWER = 2;
const DIGIT = 4;

/**
 * Whether a run of letters and digits is random: random text changes between small and capital letters
 * and digits at six places of ten, written names at two. Hexadecimal is never taken for it: digests,
 * commits and ids look the same.
 */
export function isRandom(run: string): boolean {
  if (run.length < 20 || HEXADECIMAL.test(run) || MARKED_HEXADECIMAL.test(run)) return false;
  let classes = 0;
  let changes = 0;
  let pairs = 0;
  let digits = 0;
  let separators = 0;
  let small = 0;
  let inWords = 0;
  let letters = 0;
  let previous = 0;
  for (let at = 0; at < run.length; at++) {
    const code = run.charCodeAt(at);
    const now = code >= 97 && code <= 122
      ? LOWER
      : code >= 65 && code <= 90
      ? UPPER
      : code >= 48 && code <= 57
      ? DIGIT
      : 0;
    if (now === 0) separators += 1;
    if (now === DIGIT) digits += 1;
    if (now !== 0 && previous !== 0) {
      pairs += 1;
      if (now !== previous) changes += 1;
    }
    small = now === LOWER ? small + 1 : 0;
    if (small >= 3) inWords += small === 3 ? 3 : 1;
    if (now === LOWER) letters += 1;
    classes |= now;
    previous = now;
  }
  if (pairs < 12 || pairs < run.length * 0.6) return false;
  const rate = changes / pairs;
  if (classes === (UPPER | LOWER | DIGIT)) {
    // Names of types: Capitalised words, a number or two.
    if (digits <= 2 && inWords > letters * 0.7) return false;
    return digits >= 2 ? rate >= (run.length >= 32 ? 0.33 : 0.38) : rate >= 0.42;
  }
  // Letters and digits of one case: only one long word, since names are made of such words.
  if (classes === (LOWER | DIGIT)) {
    return separators === 0 && run.length >= 24 && rate >= 0.25 && digits >= 4;
  }
  // Names of types are made of words.
  if (classes === (UPPER | LOWER)) {
    return run.length >= 32 && rate >= 0.4 && inWords <= letters * 0.6;
  }
  return false;
}

const PUBLIC_PEM =
  /^\s*(?:(?:#[^\n]*\n)?-----BEGIN ((?:TRUSTED )?CERTIFICATE(?: REQUEST)?|NEW CERTIFICATE REQUEST|(?:RSA |EC )?PUBLIC KEY|X509 CRL|PKCS7)-----[\sA-Za-z0-9+/=]*-----END \1-----\s*)+$/;

const CERTIFICATES =
  /^(?:-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----\s*)+$/;

/** Whether a text is certificates in PEM and nothing else. */
export function areCertificates(text: string): boolean {
  return text.startsWith("-----BEGIN CERTIFICATE-----") && CERTIFICATES.test(text);
}

/** Base64 of `-----BEGIN `. */
const PEM_BASE64 = "LS0tLS1CRUdJTi";
/** The token of a list's next page, as API servers make it: base64 of JSON. */
export const CONTINUE = /^ey[\w+/=-]*$/;

/** Base64 of the head of an SSH public key in its wire form. */
const SSH_BASE64 =
  /^AAAA(?:[BCEGI][23]N|B3NzaC1|C3NzaC1lZDI1NTE5|E2VjZHNhLXNoYTIt|GnNrLXNzaC1l|InNrLWVjZHNh)/;

/** Whether a run of base64 is a certificate, a public key, or a list's continue token. */
export function isPublicBase64(run: string): boolean {
  if (run.startsWith(PEM_BASE64)) {
    const text = decodeBase64(run);
    return text !== undefined && PUBLIC_PEM.test(text);
  }
  if (SSH_BASE64.test(run)) return true;
  if (run.startsWith("eyJ2IjoibWV0YS5rOHMuaW8v")) {
    return /^\{"v":"meta\.k8s\.io\/v1","rv":\d+,"start":"(?:[^"\\]|\\u0000){0,1024}"\}\s*$/.test(
      decodeBase64(run) ?? "",
    );
  }
  return false;
}

function decodeBase64(run: string): string | undefined {
  try {
    return atob(run.replaceAll("-", "+").replaceAll("_", "/").replaceAll(/\s/g, ""));
  } catch {
    return undefined;
  }
}
