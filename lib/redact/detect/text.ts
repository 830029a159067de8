/** Credentials in a text of any kind: a log, a message, an argument, a configuration file. Pure. */
import { createQuestion, createScan, scannable } from "./anchors.ts";
import { nameVisitor } from "./named/assignments.ts";
import { withoutColours } from "./colours.ts";
import { type Program, PROGRAMS, programVisitor } from "./commands.ts";
import { fragmentSpans } from "./fragments.ts";
import { NAME_HINTS } from "./names.ts";
import { bootstrapToken, type Form, FORMS, formVisitor } from "./patterns.ts";
import { runVisitor } from "./random_runs.ts";
import { repeatedSpans } from "./repeats.ts";
import { type Replace, replaceSpans, type Span, union } from "./spans.ts";

/** Called for each closer look, of which hostile texts want very many; it may throw. */
export type OnLook = () => void;

const FREE: OnLook = () => {};

/** The text with each credential in it replaced. */
export function redactText(text: string, replace: Replace, onLook: OnLook = FREE): string {
  if (text.length < 5) return text;
  return replaceSpans(text, searchText(text, { onLook }).spans, replace);
}

/**
 * The same of a part of a log, of which all is looked at: a credential that reaches into it counts.
 *
 * @param log `timestamps`: each line begins with one, and what it says is read without it too
 */
export function redactLog(
  text: string,
  replace: Replace,
  { part: { start, end }, timestamps, onLook = FREE }: {
    readonly part: Span;
    readonly timestamps: boolean;
    readonly onLook?: OnLook;
  },
): string {
  const spans = [...searchText(text, { onLook }).spans];
  if (timestamps) { for (const span of spansBehindStamps(text, onLook)) spans.push(span); }
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
function spansBehindStamps(text: string, onLook: OnLook): Span[] {
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
  return union(searchText(kept.join(""), { onLook }).spans).map(({ start, end }) => ({
    start: placeOf(start),
    // Behind the last character, which may be the last of its line.
    end: placeOf(end - 1) + 1,
  }));
}

/** What each of the words leads to. */
const WORDS: readonly (
  & { readonly word: string }
  & (
    | { readonly leads: "name" }
    | { readonly leads: "form"; readonly form: Form }
    | { readonly leads: "program"; readonly program: Program }
    | { readonly leads: "sealed" }
  )
)[] = [
  ...NAME_HINTS.map((word) => ({ word, leads: "name" as const })),
  ...FORMS.flatMap((form) => form.words.map((word) => ({ word, leads: "form" as const, form }))),
  { word: "stringdata", leads: "sealed" },
  { word: "securejsondata", leads: "sealed" },
  ...PROGRAMS.flatMap((program) =>
    program.words.map((word) => ({ word, leads: "program" as const, program }))
  ),
];

const scan = createScan(WORDS.map(({ word }) => word));

/**
 * Whether a part of a JSON document may hold anything to look at; most parts do not. A URL holds a
 * credential before an `@` alone.
 *
 * @param start of it, and where it ends: behind it must be at least a quote
 */
export const mayHold: (bytes: Uint8Array, start: number, end: number) => boolean = createQuestion(
  [...WORDS.map(({ word }) => word), ":*:", ":543"],
  { "://": "@" },
);

/** What was found in a text. */
export interface Found {
  /** Where it holds credentials; spans may overlap. */
  readonly spans: readonly Span[];
  /** Nothing in it says of anything else that it is one, neither a name nor a program. */
  readonly says: "nothing" | "something";
}

/** Escapes in JSON of letters, digits and signs; not of what Go escapes for the sake of HTML. */
const ESCAPE = /\\(?:\/|u(?!00(?:26|3[cCeE])|2028|2029))/;

/**
 * Whether JSON, or a string in it as it is written there, holds nothing to look at, however it is read:
 * no name of a credential, no program that takes one, no form of one.
 */
export function isPlainJson(
  json: string,
  options?: { readonly bytes?: Uint8Array; readonly onLook?: OnLook },
): boolean {
  const { spans, says } = searchText(json, options);
  return spans.length === 0 && says === "nothing" && !ESCAPE.test(json);
}

/** Looks through a text. @param options `bytes`: those of its characters, if they are there */
function searchText(
  given: string,
  { bytes, onLook = FREE }: { readonly bytes?: Uint8Array; readonly onLook?: OnLook } = {},
): Found {
  const text = withoutColours(given);
  let says: Found["says"] = "nothing";
  const onName = () => {
    says = "something";
    onLook();
  };
  const spans = fragmentSpans(text);
  const name = nameVisitor(text, spans, onName);
  const form = formVisitor(text, spans);
  const program = programVisitor(text, spans);
  scan(bytes !== undefined && text === given ? bytes : scannable(text), {
    word(index, start) {
      const found = WORDS[index]!;
      const end = start + found.word.length;
      if (found.leads === "name") name({ start, end });
      else if (found.leads === "form") form(found.form, start);
      else if (found.leads === "sealed" || program(found.program, start, end)) says = "something";
    },
    run: runVisitor(text, spans),
    stop: (at) => bootstrapToken(text, at, spans),
  });
  const all = spans.length === 0 ? spans : spans.concat(repeatedSpans(text, spans));
  return { spans: all, says };
}
