/**
 * Whether a value could be found by trying: a PIN, a password that a person made up, a text of which
 * all but a word is known. Of such values nobody may be told that two are equal. Pure.
 */

/** Fewer characters are never taken for random. */
const LEAST_CHARACTERS = 20;
/** More are a document with secrets in it, and of a document all but one word may be known. */
const MOST_CHARACTERS = 4096;
/** What remains to be guessed by who knows how words, dates and counters are written. */
const ENOUGH_BITS = 64;

const ONE_RUN = /^[A-Za-z0-9+/=_.-]+$/;
const PRIVATE_KEY = /^\s*-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\sA-Za-z0-9+/=]+-----END \1-----\s*$/;

/**
 * Whether trying could find the value. Only a single run of random letters and digits (a generated key,
 * a JWT) and a private key in PEM are beyond that; what is not known to be random counts as guessable.
 */
export function isGuessable(value: string): boolean {
  if (value.length < LEAST_CHARACTERS || value.length > MOST_CHARACTERS) return true;
  if (value.length > 200 && PRIVATE_KEY.test(value)) return false;
  return !ONE_RUN.test(value) || bitsOf(value) < ENOUGH_BITS;
}

const HEXADECIMAL = /^[0-9a-fA-F-]+$/;
const UPPER = 1;
const LOWER = 2;
const DIGIT = 4;

/**
 * A low estimate of the bits in a run. A change between small letters, capitals and digits counts for
 * four, what continues a word or a number for one, what has been there before for nothing.
 */
function bitsOf(run: string): number {
  let bits = 0;
  let previous = 0;
  let kinds = 0;
  const pairs = new Set<string>();
  // Few words are written in those letters alone.
  const within = HEXADECIMAL.test(run) ? 2 : 1;
  for (let at = 0; at < run.length; at++) {
    const code = run.charCodeAt(at);
    const kind = kindOf(code);
    const pair = run.slice(at - 1, at + 1).toLowerCase();
    if (kind !== 0 && previous !== 0 && !pairs.has(pair)) {
      bits += kind === previous ? within : 4;
      kinds |= kind | previous;
    }
    pairs.add(pair);
    previous = kind;
  }
  // Numbers alone, dates among them, are counted through in no time.
  return kinds === DIGIT ? 0 : bits;
}

function kindOf(code: number): number {
  if (code >= 97 && code <= 122) return LOWER;
  if (code >= 65 && code <= 90) return UPPER;
  return code >= 48 && code <= 57 ? DIGIT : 0;
}
