/** What becomes of one string of a value: by the name that it has, and by what is in it. Pure. */
import type { NameStrength } from "../detect/names.ts";
import { isPlainJson, redactText } from "../detect/text.ts";
import { isCredentialValue } from "../detect/values.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";
import { isDeep, isJson } from "./nested_json.ts";
import { innerSpot } from "./spots.ts";
import { tokenOf, type Walk, within } from "./walk.ts";

/** JSON in strings in JSON: deeper than that it is text. */
const NESTING_LIMIT = 8;
const LEAF_CACHE_ENTRIES = 20_000;
const LEAF_CACHE_LENGTH = 256;

/** A string under a key of this strength. */
export function leafOf(walk: Walk, strength: NameStrength, text: string): string {
  walk.onStep();
  if (text === "") return text;
  if (strength !== "none" && isCredentialValue(strength, text)) {
    if (strength !== "reference" || !(isUrl(text) || isJson(text))) return tokenOf(walk, text);
  }
  if (text.length < 5) return text;
  if (text.length > LEAF_CACHE_LENGTH || walk.nesting > 0) return content(walk, text);
  const known = walk.leaves.get(text);
  if (known !== undefined) return known;
  const { placed } = walk;
  if (walk.spot === undefined && walk.leaves.has(text)) walk.placed += 1;
  else {
    const now = content(walk, text);
    if (walk.leaves.size >= LEAF_CACHE_ENTRIES) walk.leaves.clear();
    walk.leaves.set(text, walk.placed > placed ? undefined : now);
    return now;
  }
  return text;
}

/** A string by what is in it. */
function content(walk: Walk, text: string): string {
  if (isJson(text)) {
    if (isPlainJson(text, { onLook: walk.onLook })) return text;
    if (isDeep(text)) return tokenOf(walk, text);
    let parsed: unknown;
    try {
      parsed = parseExact(text);
    } catch (error) {
      // What is JSON and cannot be read may say anything.
      return error instanceof SyntaxError ? textOf(walk, text) : tokenOf(walk, text);
    }
    if (walk.nesting >= NESTING_LIMIT) return tokenOf(walk, text);
    walk.nesting += 1;
    try {
      const redacted = within(walk, innerSpot, () => walk.inner(parsed));
      // Searched as text too: parsing kept only the last of repeated keys.
      if (redacted === parsed) return textOf(walk, text);
      const indent = /^\s*[[{]\r?\n([ \t]+)/.exec(text)?.[1];
      return stringifyExact(redacted, indent) + (text.endsWith("\n") ? "\n" : "");
    } finally {
      walk.nesting -= 1;
    }
  }
  return textOf(walk, text);
}

function textOf(walk: Walk, text: string): string {
  return redactText(text, (secret, start) => tokenOf(walk, secret, start), walk.onLook);
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/\S*$/i.test(text);
}
