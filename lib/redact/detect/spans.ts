/** Parts of a text. Pure. */

/** From `start` to before `end`, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Gives what takes the place of a part of a text, which begins at `start`. */
export type Replace = (part: string, start: number) => string;

/** The text with each span replaced; of spans that overlap the union is. */
export function replaceSpans(text: string, spans: readonly Span[], replace: Replace): string {
  if (spans.length === 0) return text;
  let out = "";
  let at = 0;
  for (const { start, end } of union(spans)) {
    out += text.slice(at, start) + replace(text.slice(start, end), start);
    at = end;
  }
  return out + text.slice(at);
}

/** The same places, in order, none touching another. */
export function union(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = merged.at(-1);
    if (last && start < last.end) last.end = Math.max(last.end, end);
    else if (end > start) merged.push({ start, end });
  }
  return merged;
}
