/**
 * Warnings of the API server: deprecated versions, Pod Security, what a deletion leaves behind. Pure.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.5}
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#warnings} (KEP-1693)
 */

import { Buffer } from "node:buffer";

/** One header is read up to here: an API server writes 256 characters a warning. */
const HEADER_CHARACTERS = 64 * 1024;

/** The texts of the `Warning` headers with code 299, in their order. */
export function warningsOf(headers: Headers): readonly string[] {
  const header = inUtf8((headers.get("warning") ?? "").slice(0, HEADER_CHARACTERS));
  // Each is `299 agent "text"`, several are joined by commas; quotes in the text are escaped.
  return [...header.matchAll(/\b299 [^\s"]+ "((?:[^"\\]|\\.)*)"/g)]
    .map(([, text = ""]) => text.replaceAll(/\\(.)/g, "$1"));
}

/** Headers come a byte a character; the API server writes UTF-8. */
function inUtf8(latin1: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(latin1, "latin1"));
  } catch {
    return latin1;
  }
}
