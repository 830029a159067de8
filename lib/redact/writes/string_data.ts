/**
 * A Secret's `stringData`, which the API server answers as `data`: its writers see their own words
 * where he wrote them. Pure.
 */
import { childrenOf, type Written } from "./own_words.ts";

const PLACE = { byIndex: "/stringData", byName: "/stringData" };

/**
 * A Secret before and after a change, as they are shown, with what was written as `stringData` there
 * on both sides, and after the change in the writer's words.
 *
 * @param change `raw`: the Secret after it; `body`: what was written
 */
export function withStringData<Shown extends object>(
  before: Shown | undefined,
  after: Shown | undefined,
  change: { readonly raw: unknown; readonly body: unknown; readonly written: Written },
): readonly [before: Shown | undefined, after: Shown | undefined] {
  const words = wordsOf(change);
  // What is shown of it before is a token, which is no base64, or may be read.
  const as = (value: string) => textOf(value) ?? value;
  return [
    before && moved(before, words, (_, value) => as(value)),
    after && moved(after, words, (key, value) => words.get(key) ?? as(value)),
  ];
}

/** The keys that the API server took over as they were written, each with its text. */
function wordsOf(
  { raw, body, written }: {
    readonly raw: unknown;
    readonly body: unknown;
    readonly written: Written;
  },
): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  const { data } = Object(raw) as { readonly data?: unknown };
  const { stringData } = Object(body) as { readonly stringData?: unknown };
  const keys = [...Object.keys(Object(body)), ...Object.keys(Object(stringData))];
  // A directive of a strategic merge patch may drop what stands beside it: it was not written then.
  if (keys.some((key) => key.startsWith("$"))) return words;
  for (const { key, child, place } of childrenOf(data, PLACE)) {
    const text = typeof child === "string" ? textOf(child) : undefined;
    if (text !== undefined && written(place, text)) words.set(String(key), text);
  }
  return words;
}

function moved<Shown extends object>(
  shown: Shown,
  words: ReadonlyMap<string, string>,
  show: (key: string, value: string) => string,
): Shown {
  const { data, ...rest } = shown as Shown & { readonly data?: object };
  if (words.size === 0 || !data) return shown;
  const entries = Object.entries(data);
  const kept = entries.filter(([key]) => !words.has(key));
  const written = entries.filter(([key]) => words.has(key));
  return {
    ...rest as Shown,
    ...(kept.length > 0 ? { data: Object.fromEntries(kept) } : {}),
    ...(written.length > 0
      ? {
        stringData: Object.fromEntries(
          written.map(([key, value]) => [key, show(key, String(value))]),
        ),
      }
      : {}),
  };
}

/** The text that base64 stands for; undefined for other bytes. */
function textOf(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.fromBase64(base64);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
