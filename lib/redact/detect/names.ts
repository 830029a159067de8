/**
 * Whether the name of a variable, key, flag or header says that its value is a credential. Pure.
 *
 * The last word decides: `DB_PASSWORD` and `apiToken` do, `TOKEN_TTL`, `SECRET_NAME` and
 * `PASSWORD_FILE` do not.
 */

/**
 * How much a name says: nothing; that the value may be `user:password` in base64 (`auth`); that it is a
 * credential, or the name of one in a word (`field`, as `secretKey`), or of several (`reference`, as `secret`); that it is a credential;
 * that it is a password, of whatever form.
 */
export type NameStrength = "none" | "pair" | "field" | "reference" | "credential" | "password";

/** Words behind the deciding one that change nothing. */
const TRAILING = new Set(
  ("value data base64 b64 plain plaintext text string str encoded encrypted current previous old new prod " +
    "production dev development staging test default primary secondary base main raw hash bytes live sandbox")
    .split(" "),
);

/** Endings that are enough, alone or as the end of a word run together (`PGPASSWORD`). */
const PASSWORD_END =
  /(?:passwords?|passwd|passphrases?|passcode|pwd|passwort|kennwort|contraseña|bindpw|rootpw|adminpw|userpw|dbpw)$/;
const CREDENTIAL_END =
  /(?:token|apikey|accesskey|privatekey|signingkey|encryptionkey|credential|accesskeyid|authkey|sessionid|sessid|secretid|sharedkey|masterkey|unsealkey)$/;
const REFERENCE_END = /(?:tokens|secrets?|secretkey|credentials|apikeys)$/;

const PASSWORD_WORDS = new Set(
  "pass pw psw pswd dbpass userpass requirepass masterauth smtppass sshpass adminpass rootpass mypass mysqlpass rediscliauth"
    .split(" "),
);
const CREDENTIAL_WORDS = new Set(
  "jwt authorization cookie mnemonic bearer pat sas creds otp totp salt passkey".split(" "),
);

/** Words before `key` that make it a credential. */
const KEY_KINDS = new Set(
  ("api access private encryption signing master account storage hmac unseal recovery shared session auth " +
    "crypto cipher aes rsa jwt rest subscription ingest ingestion license licence webhook cookie decryption sso " +
    "integration root admin consumer service function host age pgp gpg license deploykey")
    .split(" "),
);

/** Who gives out keys and tokens. */
const VENDORS = new Set(
  ("adafruit adobe airtable algolia alibaba aliyun anthropic artifactory asana atlassian auth0 aws azure bitbucket bittrex " +
    "cloudflare cloudinary codecov cohere coinbase confluent contentful datadog deepseek digitalocean discord docker " +
    "dockerhub doppler drone dropbox dynatrace elastic facebook fastly figma firebase flickr freshbooks gcp gemini gitea github " +
    "gitlab gitter google grafana groq harbor harness heroku honeycomb hubspot huggingface intercom jenkins jfrog jira kraken " +
    "kucoin langchain launchdarkly linear linkedin lob mailchimp mailgun mapbox mattermost maxmind meraki messagebird mistral netlify " +
    "newrelic nexus ngrok notion npm nuget nvd nytimes okta openai opsgenie pagerduty paypal pinecone plaid planetscale postman " +
    "posthog pulumi pypi quay rapidapi readme replicate rollbar rubygems sendbird sendgrid sendinblue sentry shippo shopify " +
    "shodan slack snyk sonar sonarqube sonatype splunk square squarespace stripe sumo sumologic supabase tavily telegram travis trello " +
    "twilio twitch twitter typeform vercel virustotal wandb yandex youtube zendesk zoom relic")
    .split(" "),
);

/** Whose a credential is, in names that begin with the deciding word: `PASSWORD_ADMIN`, `TOKEN_GITHUB`. */
const OWNERS = new Set(
  ("admin administrator root user db database postgres postgresql mysql mariadb mongo mongodb redis rabbitmq kafka elasticsearch " +
    "vault consul nomad terraform smtp mail imap ldap ad sso oauth api app web backend frontend service svc replica replication " +
    "slave readonly reader writer owner guest operator bot ci cd deploy qa local internal external global s3 minio ftp sftp ssh " +
    "vpn wifi keystore truststore pg psql mssql oracle sa sys system keycloak registry proxy influx influxdb argocd")
    .split(" "),
);
/** Words before `key` that may also belong to a key's name or a public one. */
const REFERENCE_KEY_KINDS = new Set(
  "secret client ssh deploy app application server tls ssl".split(" "),
);

/** Words before `secret` that make it no name of an object. */
const SECRET_KINDS = new Set(
  "client app jwt shared webhook api consumer hmac session cookie oauth signing access user db"
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
export const NAME_HINTS: readonly string[] =
  "pass pwd pswd token secret cred key auth jwt cookie mnemonic bearer kennwort contrase _pat -pat .pat _sas otp pw psw session sessid salt phrase login connect.sid"
    .split(" ");
const HINT = new RegExp(
  `${NAME_HINTS.map((hint) => hint.replaceAll(".", "\\.")).join("|")}|^pat$|^sas$|^psw$`,
  "i",
);

function judge(name: string): NameStrength {
  if (!HINT.test(name)) return "none";
  const words = wordsOf(name);
  while (words.length > 1 && TRAILING.has(words.at(-1)!)) words.pop();
  const last = words.at(-1);
  if (last === undefined) return "none";
  const before = words.at(-2) ?? "";
  if (/(?:^|[^a-z])public|^non/.test(words.join(" "))) return "none";
  // The digest of a Secret, the name of one.
  if (name.startsWith("checksum/") || before === "existing") return "none";
  if (PASSWORD_END.test(last) || PASSWORD_WORDS.has(last)) return "password";
  if (last === "word" && before === "pass") return "password";
  if (last === "phrase" && /^(?:seed|recovery|pass|secret|mnemonic)$/.test(before)) {
    return "password";
  }
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
  if (last === "secret" && before === "auth" && /^[A-Z0-9_]+$/.test(name)) return "credential";
  if (last.endsWith("secret") && last !== "secret") return "credential";
  if (REFERENCE_END.test(last)) return "reference";
  // `secretKey` is the name of a key in custom resources, SECRET_KEY is a variable.
  if (last === "key" && before === "secret") {
    return /secret[-_. ]key/i.test(name) ? "credential" : "field";
  }
  return last === "key" || last === "keys" ? keyStrength(last, before) : mixedStrength(name, words);
}

function keyStrength(last: string, before: string): NameStrength {
  if (KEY_KINDS.has(before) || VENDORS.has(before)) {
    return last === "key" ? "credential" : "reference";
  }
  return REFERENCE_KEY_KINDS.has(before) ? "reference" : "none";
}

/** The strength of names that do not end with the deciding word. */
function mixedStrength(name: string, words: readonly string[]): NameStrength {
  const last = words.at(-1)!;
  const before = words.at(-2) ?? "";
  if (last === "id") {
    if (before === "key" && words.at(-3) === "access") return "credential";
    if (before === "session") return "credential";
    // `secretId` is the name of a secret in many APIs.
    if (before !== "secret" || /secretId$/.test(name)) return "none";
    return /secret-id$/.test(name) ? "reference" : "credential";
  }
  if (last === "sid" && before === "connect") return "credential";
  if (last === "login") return VENDORS.has(before) ? "credential" : "none";
  const [first, ...rest] = words;
  if (/[a-z][A-Z]/.test(name) || rest.length === 0 || rest.length > 2) return "none";
  if (!rest.every((word) => OWNERS.has(word) || VENDORS.has(word))) return "none";
  if (PASSWORD_END.test(first!) || PASSWORD_WORDS.has(first!)) return "password";
  return first === "token" || first === "secret" || first === "apikey" ? "credential" : "none";
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
