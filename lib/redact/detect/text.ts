/** Credentials in a text of any kind: a log, a message, an argument, a configuration file. Pure. */
import { assignmentSpans } from "./assignments.ts";
import { fragmentSpans } from "./fragments.ts";
import { patternSpans } from "./patterns.ts";
import { type Replace, replaceSpans, type Span, union } from "./spans.ts";
import { isPublicBase64, isRandom } from "./values.ts";

/** The text with each credential in it replaced. */
export function redactText(text: string, replace: Replace): string {
  if (text.length < 5) return text;
  return replaceSpans(text, credentialSpans(text), replace);
}

/**
 * The same of a part of a log, of which all is looked at: a credential that reaches into it counts.
 *
 * @param log `timestamps`: each line begins with one, and what it says is read without it too
 */
export function redactLog(
  text: string,
  replace: Replace,
  { part: { start, end }, timestamps }: { readonly part: Span; readonly timestamps: boolean },
): string {
  const spans = credentialSpans(text);
  if (timestamps) spans.push(...spansBehindStamps(text));
  let out = "";
  let at = start;
  for (const span of union(spans)) {
    if (span.end <= start) continue;
    if (span.start >= end) break;
    out += text.slice(at, Math.max(at, span.start)) +
      replace(text.slice(span.start, span.end), span.start);
    at = span.end;
  }
  return out + text.slice(at, Math.max(at, end));
}

/** A line's beginning, as the kubelet writes it (RFC 3339). */
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) /gm;

/** Where a log holds credentials that are known by the lines around them. */
function spansBehindStamps(text: string): Span[] {
  // Places of the text without its stamps, and how much was left out before each.
  const places: number[] = [];
  const left: number[] = [];
  const kept: string[] = [];
  let at = 0;
  let length = 0;
  for (const { index, 0: stamp } of text.matchAll(STAMP)) {
    kept.push(text.slice(at, index));
    length += index - at;
    at = index + stamp.length;
    places.push(length);
    left.push(at - length);
  }
  kept.push(text.slice(at));
  let next = 0;
  const placeOf = (place: number) => {
    while (next < places.length && places[next]! <= place) next += 1;
    return place + (left[next - 1] ?? 0);
  };
  return union(credentialSpans(kept.join(""))).map(({ start, end }) => ({
    start: placeOf(start),
    // Behind the last character, which may be the last of its line.
    end: placeOf(end - 1) + 1,
  }));
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
