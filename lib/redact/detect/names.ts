/**
 * Whether the name of a variable, key, flag or header says that its value is a credential. Pure.
 *
 * The last word decides: `DB_PASSWORD` and `apiToken` do, `TOKEN_TTL`, `SECRET_NAME` and
 * `PASSWORD_FILE` do not.
 */

/**
 * How much a name says: nothing; that the value may be `user:password` in base64 (`auth`); that it is a
 * credential or the name of one (`secret`, `secretKey`); that it is a credential; that it is a password, of whatever form.
 */
export type NameStrength = "none" | "pair" | "reference" | "credential" | "password";

/** Words behind the deciding one that change nothing. */
const TRAILING = new Set(
  ("value data base64 b64 plain plaintext text string str encoded encrypted current previous old new prod " +
    "production dev development staging test default primary secondary base main raw hash bytes")
    .split(" "),
);

/** Endings that are enough, alone or as the end of a word run together (`PGPASSWORD`). */
const PASSWORD_END =
  /(?:passwords?|passwd|passphrases?|passcode|pwd|passwort|kennwort|contraseña)$/;
const CREDENTIAL_END =
  /(?:token|apikey|accesskey|privatekey|signingkey|encryptionkey|credential|accesskeyid|authkey|sessionid)$/;
const REFERENCE_END = /(?:tokens|secrets?|secretkey|credentials|apikeys)$/;

const PASSWORD_WORDS = new Set(
  "pass pw psw pswd dbpass userpass requirepass masterauth smtppass sshpass adminpass rootpass mypass mysqlpass rediscliauth"
    .split(" "),
);
const CREDENTIAL_WORDS = new Set(
  "jwt authorization cookie mnemonic bearer pat sas creds otp totp".split(" "),
);

/** Words before `key` that make it a credential. */
const KEY_KINDS = new Set(
  ("api access private encryption signing master account storage hmac unseal recovery shared session auth " +
    "crypto cipher aes rsa jwt rest subscription ingest ingestion license licence webhook cookie decryption sso " +
    "stripe sendgrid openai anthropic twilio mailgun datadog algolia aws azure gcp " +
    "integration root admin consumer service function host age pgp gpg")
    .split(" "),
);
/** Words before `key` that may also belong to a key's name or a public one. */
const REFERENCE_KEY_KINDS = new Set(
  "secret client ssh deploy app application server tls ssl".split(" "),
);

/** Words before `secret` that make it no name of an object. */
const SECRET_KINDS = new Set(
  "client app jwt shared webhook api consumer hmac session cookie auth oauth signing access user db"
    .split(" "),
);

/** Words before `token` that make it a position in a list, or a count. */
const OTHER_TOKENS = new Set(
  "next page continuation continue cursor start end max min num total prompt completion input output per stop resume idempotency first last unexpected"
    .split(" "),
);

const CACHE_ENTRIES = 20_000;
const cache = new Map<string, NameStrength>();

/** What a name says of its value. */
export function nameStrength(name: string): NameStrength {
  if (name.length > 256) return "none";
  let known = cache.get(name);
  if (known === undefined) {
    known = judge(name);
    if (cache.size >= CACHE_ENTRIES) cache.clear();
    cache.set(name, known);
  }
  return known;
}

/** Any of these must be in a name that says something: most names are judged by this alone. */
const HINT =
  /pass|pwd|pswd|token|secret|cred|key|auth|jwt|cookie|mnemonic|bearer|kennwort|contrase|pat$|sas$|otp$|pw$|psw$|session/i;

function judge(name: string): NameStrength {
  if (!HINT.test(name)) return "none";
  const words = wordsOf(name);
  while (words.length > 1 && TRAILING.has(words.at(-1)!)) words.pop();
  const last = words.at(-1);
  if (last === undefined) return "none";
  const before = words.at(-2) ?? "";
  if (/(?:^|[^a-z])public|^non/.test(words.join(" "))) return "none";
  if (PASSWORD_END.test(last) || PASSWORD_WORDS.has(last)) return "password";
  if (last === "word" && before === "pass") return "password";
  if (last === "auth") {
    return words.length === 1 ? "pair" : before === "cli" ? "password" : "reference";
  }
  if (last.endsWith("token") || last.endsWith("tokens")) {
    const prefix = last.replace(/tokens?$/, "") || before;
    if (OTHER_TOKENS.has(prefix) || OTHER_TOKENS.has(words[0]!)) return "none";
  }
  if (CREDENTIAL_END.test(last) || CREDENTIAL_WORDS.has(last)) return "credential";
  if (last === "secrets" && before === "pull") return "none";
  if (last === "secret" && SECRET_KINDS.has(before)) return "credential";
  if (last.endsWith("secret") && last !== "secret") return "credential";
  if (REFERENCE_END.test(last)) return "reference";
  // `secretKey` is the name of a key in custom resources, SECRET_KEY is a variable.
  if (last === "key" && before === "secret" && /secret[-_.]key/i.test(name)) return "credential";
  if (last === "id" && before === "key" && words.at(-3) === "access") return "credential";
  if (last === "id" && before === "session") return "credential";
  if (last === "key" || last === "keys") {
    if (KEY_KINDS.has(before)) return last === "key" ? "credential" : "reference";
    if (REFERENCE_KEY_KINDS.has(before)) return "reference";
  }
  return "none";
}

/** Words of a name in any of the usual ways of writing, in lower case, without numbers. */
function wordsOf(name: string): string[] {
  return name.slice(name.lastIndexOf("/") + 1)
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-zñ0-9]+/)
    .map((word) => TRAILING.has(word) ? word : word.replace(/\d+$/, ""))
    .filter((word) => word !== "");
}
