/** Credentials in a text of any kind: a log, a message, an argument, a configuration file. Pure. */
import { assignmentSpans } from "./assignments.ts";
import { fragmentSpans } from "./fragments.ts";
import { patternSpans } from "./patterns.ts";
import { replaceSpans, type Span } from "./spans.ts";
import { isPublicBase64, isRandom } from "./values.ts";

/** The text with each credential in it replaced. */
export function redactText(text: string, replace: (secret: string) => string): string {
  if (text.length < 5) return text;
  return replaceSpans(text, credentialSpans(text), replace);
}

/** Where a text holds credentials; spans may overlap. */
function credentialSpans(text: string): Span[] {
  const spans = [...patternSpans(text), ...assignmentSpans(text), ...fragmentSpans(text)];
  randomSpans(text, spans);
  return spans;
}

/** Runs of base64 and the like; with the colon of a digest's name in front, which is kept. */
const RUN = /[A-Za-z0-9+_-][A-Za-z0-9+\/_-]{19,}={0,2}/g;
const PUBLIC_BLOCK =
  /-----BEGIN ((?:TRUSTED )?CERTIFICATE(?: REQUEST)?|NEW CERTIFICATE REQUEST|(?:RSA |EC )?PUBLIC KEY|X509 CRL|PGP SIGNATURE|PGP PUBLIC KEY BLOCK)-----[^-]*-----END \1-----/g;
const DIGEST =
  /(?:sha(?:1|224|256|384|512)[-:=]|SHA256:|h1:|md5[-:]|etag[":= ]{1,4}(?:W\/)?"?|integrity[":= ]{1,4})$/i;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

function randomSpans(text: string, spans: Span[]): void {
  if (text.length < 20) return;
  let blocks: Span[] | undefined;
  let block = 0;
  for (const match of text.matchAll(RUN)) {
    const run = match[0];
    const start = match.index;
    const end = start + run.length;
    const parts = randomParts(run, start);
    if (parts.length === 0) continue;
    if (isPublicBase64(run) || DIGEST.test(text.slice(Math.max(0, start - 16), start))) continue;
    blocks ??= [...text.matchAll(PUBLIC_BLOCK)].map((block) => ({
      start: block.index,
      end: block.index + block[0].length,
    }));
    // Both come in order: what lies behind is not looked at again.
    while (block < blocks.length && blocks[block]!.end <= start) block += 1;
    const around = blocks[block];
    if (around && around.start <= start && end <= around.end) continue;
    spans.push(...parts);
  }
}

/** The random parts of a run: all of it, or what stands between the separators of a path or name. */
function randomParts(run: string, start: number): Span[] {
  if (UUID.test(run)) {
    UUID.lastIndex = 0;
    run = run.replaceAll(UUID, (uuid) => "-".repeat(uuid.length));
  }
  UUID.lastIndex = 0;
  if (isRandom(run)) return [{ start, end: start + run.length }];
  const parts: Span[] = [];
  for (const match of run.matchAll(/[A-Za-z0-9+=]{20,}/g)) {
    if (match[0].length === run.length || !isRandom(match[0])) continue;
    parts.push({ start: start + match.index, end: start + match.index + match[0].length });
  }
  return parts;
}
