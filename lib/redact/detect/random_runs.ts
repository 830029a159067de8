/** Credentials that are known by chance alone: runs of random letters and digits. Pure. */
import type { Span } from "./spans.ts";
import { isPublicBase64, isRandom } from "./values.ts";

const PUBLIC_BLOCK =
  /-----BEGIN ((?:TRUSTED )?CERTIFICATE(?: REQUEST)?|NEW CERTIFICATE REQUEST|(?:RSA |EC )?PUBLIC KEY|X509 CRL|PGP SIGNATURE|PGP PUBLIC KEY BLOCK)-----[^-]*-----END \1-----/g;
const DIGEST =
  /(?:sha(?:1|224|256|384|512)[-:=]|SHA256:|h1:|md5[-:]|etag[":= ]{1,4}(?:W\/)?"?|integrity[":= ]{1,4})$/i;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Takes the runs of a text, in order. */
export function runVisitor(text: string, spans: Span[]): (start: number, end: number) => void {
  let blocks: Span[] | undefined;
  let block = 0;
  return (start, end) => {
    // The letter of an escaped line break is not of it.
    if (text[start - 1] === "\\") start += 1;
    while (text[start] === "/") start += 1;
    for (let sign = 0; sign < 2 && text[end] === "="; sign++) end += 1;
    const run = text.slice(start, end);
    const parts = randomParts(run, start);
    if (parts.length === 0) return;
    // With the colon of a digest's name in front, it is kept.
    if (isPublicBase64(run) || DIGEST.test(text.slice(Math.max(0, start - 16), start))) return;
    blocks ??= [...text.matchAll(PUBLIC_BLOCK)].map((found) => ({
      start: found.index,
      end: found.index + found[0].length,
    }));
    // Both come in order: what lies behind is not looked at again.
    while (block < blocks.length && blocks[block]!.end <= start) block += 1;
    const around = blocks[block];
    if (around && around.start <= start && end <= around.end) return;
    spans.push(...parts);
  };
}

/** The random parts of a run: all of it, or what stands between the separators of a path or name. */
function randomParts(run: string, start: number): Span[] {
  if (run.length >= 36 && run.includes("-")) {
    run = run.replaceAll(UUID, (uuid) => "-".repeat(uuid.length));
  }
  if (isRandom(run)) return [{ start, end: start + run.length }];
  const parts: Span[] = [];
  for (const match of run.matchAll(/[A-Za-z0-9+=]{20,}/g)) {
    if (match[0].length === run.length || !isRandom(match[0])) continue;
    parts.push({ start: start + match.index, end: start + match.index + match[0].length });
  }
  return parts;
}
