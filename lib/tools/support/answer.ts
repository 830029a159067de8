/** Answers as compact JSON that never grow beyond a bound, and say so when they are cut. Pure. */
import { shortenedJson } from "../../eval/realm/values/shorten.ts";
import type { ToolResult } from "../types.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** Characters of an answer; what a script's result is bounded to as well. */
export const ANSWER_CHARACTERS = 50_000;

/** How to get less, where there are scripts. */
export const BY_SCRIPT = "evaluate_script returns just the fields that matter.";

/** What an answer says besides its value. */
export interface AnswerNotes {
  /** Each becomes a block of its own. */
  readonly notes?: readonly string[];
  /** How to get less than what had to be cut. */
  readonly less?: string;
}

/** The answer that a value is. */
export function jsonAnswer(
  value: unknown,
  { notes = [], less = "" }: AnswerNotes = {},
): ToolResult {
  const whole = stringifyExact(value);
  if (whole.length <= ANSWER_CHARACTERS) return { text: [whole, ...notes] };
  return {
    text: [
      shortenedJson(value, ANSWER_CHARACTERS),
      ...notes,
      (`truncated: true. The answer has ${whole.length} characters; lists and strings were ` +
        `shortened. ${less}`).trimEnd(),
    ],
  };
}

/** A list as the API server gives it. */
export interface ObjectList {
  readonly metadata?: { readonly continue?: unknown; readonly remainingItemCount?: number };
  readonly items: readonly unknown[];
  readonly [field: string]: unknown;
}

/** The answer that a page of a list is: its metadata stay whole, its items are cut where needed. */
export function listAnswer(
  list: ObjectList,
  { notes = [], less = "" }: AnswerNotes = {},
): ToolResult {
  const { items, ...head } = list;
  const { continue: given, remainingItemCount: left } = list.metadata ?? {};
  const token = typeof given === "string" ? given : "";
  const more = token
    ? [
      `${items.length} items are shown; ${
        left === undefined ? "more" : `${left} more`
      } follow: call again with continue = metadata.continue.`,
    ]
    : [];
  const whole = stringifyExact({ ...head, items });
  if (whole.length <= ANSWER_CHARACTERS) return { text: [whole, ...notes, ...more] };
  const start = stringifyExact(head).slice(0, -1);
  const shown = shortenedJson(items, ANSWER_CHARACTERS - start.length - 20);
  const fitting = Math.floor(items.length * ANSWER_CHARACTERS / whole.length);
  return {
    text: [
      `${start}${start === "{" ? "" : ","}"items":${shown}}`,
      ...notes,
      ...more,
      (`truncated: true. The ${items.length} items have ${whole.length} characters; lists and ` +
        `strings were shortened. ${
          fitting > 0 ? `Whole items: limit ${fitting} and continue. ` : ""
        }${less}`).trimEnd(),
    ],
  };
}
