/**
 * Texts made from the templates in `corpus/`: what must be hidden stands between « and », ⏎ is a line
 * break, ␛ the escape character, and ¦ keeps scanners of repositories from taking what is made up for
 * real. `{A20}` are twenty random letters and digits: nothing random is kept in a file.
 */

/** A text of which parts are credentials. */
export interface Sample {
  readonly text: string;
  readonly secrets: readonly string[];
  /** What stands between them. */
  readonly around: readonly string[];
}

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const ALPHABETS: Readonly<Record<string, string>> = {
  A: UPPER + LOWER + DIGITS,
  U: UPPER + DIGITS,
  a: LOWER + DIGITS,
  b: UPPER + LOWER + DIGITS + "+/",
  d: DIGITS,
  h: DIGITS + "abcdef",
  // RFC 4648, section 6.
  K: UPPER + "234567",
  l: LOWER,
  p: Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).join(""),
  w: UPPER + LOWER + DIGITS + "_-",
};

const WORDS = "correct horse battery staple hunter monkey dragon winter summer master".split(" ");
const NAMES =
  "DB_PASSWORD POSTGRES_PASSWORD REDIS_PASSWORD API_TOKEN GITHUB_TOKEN AUTH_TOKEN JWT_SECRET API_KEY CLIENT_SECRET ADMIN_PASSWORD SMTP_PASS ENCRYPTION_KEY"
    .split(" ");
const SMALL_NAMES =
  "password passwd db_password adminPassword api_key apiKey auth_token accessToken client_secret jwt.secret passphrase"
    .split(" ");
const FLAGS = "password db-password api-key auth-token client-secret admin-pass".split(" ");

/** Numbers from 0 to below 1, the same for the same seed. */
function randomOf(seed: string): () => number {
  let state = 2166136261;
  for (const character of seed) {
    state = Math.imul(state ^ character.codePointAt(0)!, 16777619);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A text of a template. */
export function textOf(template: string, copy: number): string {
  const random = randomOf(`${template} ${copy}`);
  const one = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)]!;
  const run = (alphabet: string, length: number) =>
    Array.from({ length }, () => one([...alphabet])).join("");
  const password = () => {
    const word = one(WORDS);
    const capital = word[0]!.toUpperCase() + word.slice(1);
    return one([
      `${word}${run(DIGITS, 3)}`,
      `${capital}${one([..."!@#%"])}${run(DIGITS, 2)}`,
      `${word}-${one(WORDS)}-${one(WORDS)}${run(DIGITS, 1)}`,
      run(ALPHABETS.A!, 14),
      run(ALPHABETS.a!, 12),
    ]);
  };
  return template.replaceAll("⏎", "\n").replaceAll("␛", "\x1b").replaceAll("¦", "")
    .replaceAll(/\{([A-Za-z]+)(\d*)\}/g, (whole, kind: string, length: string) => {
      if (length !== "" && Object.hasOwn(ALPHABETS, kind)) {
        return run(ALPHABETS[kind]!, Number(length));
      }
      if (kind === "uuid") return [8, 4, 4, 4, 12].map((n) => run(ALPHABETS.h!, n)).join("-");
      if (kind === "pw") return password();
      if (kind === "NAME") return one(NAMES);
      if (kind === "name") return one(SMALL_NAMES);
      return kind === "flag" ? one(FLAGS) : whole;
    });
}

/** What a text with marks says, and which of it is a credential. */
export function sampleOf(marked: string): Sample {
  return {
    text: marked.replaceAll(/[«»]/g, ""),
    secrets: [...marked.matchAll(/«([^»]*)»/g)].map((match) => match[1]!),
    around: marked.split(/«[^»]*»/),
  };
}

/** The templates of a file, by the headings above them. */
export async function templatesOf(file: string): Promise<Map<string, string[]>> {
  const text = await Deno.readTextFile(new URL(`corpus/${file}.txt`, import.meta.url));
  const groups = new Map<string, string[]>();
  let group: string[] = [];
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("# ")) groups.set(line.slice(2), group = []);
    else group.push(line);
  }
  return groups;
}
