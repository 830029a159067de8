/** What is wrong with a value of the config file, in words for the person who wrote it. Pure. */
import { z } from "zod";
import { toYamlFlow } from "../yaml/yaml.ts";
import { didYouMean, nearHint } from "../std/nearest.ts";
import { type Place, placesOf, settingsAt } from "./schema_paths.ts";
import { CONFIG_SCHEMA } from "./schema.ts";

/** What is wrong, and where. */
export interface Fault {
  readonly place: Place;
  readonly reason: string;
  readonly hint?: string;
}

/** The longest corrected value that a message shows, in characters. */
const SHOWN = 80;

const MISSING = "must be given";

/** Messages for the faults for which a schema gives none. */
export const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? MISSING : typeWords(issue.expected, issue.input);
    case "invalid_value": {
      const values = issue.values.map(String);
      return `must be ${oneOf(values)}${didYouMean(String(issue.input), values)}`;
    }
    case "too_small":
      if (issue.origin === "array") return "must not be an empty list; leave it out, or name one";
      return issue.origin === "string" ? "must not be empty" : `must be at least ${issue.minimum}`;
    case "too_big":
      if (issue.origin === "array") return `must have at most ${issue.maximum} entries`;
      if (issue.origin === "string") return `must have at most ${issue.maximum} characters`;
      return `must be at most ${issue.maximum}`;
    default:
      return undefined;
  }
};

/** All faults, the most useful first: an unknown name often explains a missing one, which is left out. */
export function faultsOf({ issues }: z.core.$ZodError): readonly Fault[] {
  const unknown = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => ({ key, path: issue.path })) : []
  );
  const explained = new Set(unknown.map(({ path }) => JSON.stringify(path)));
  const others = issues.filter((issue) =>
    issue.code !== "unrecognized_keys" &&
    !(issue.message === MISSING && explained.has(JSON.stringify(issue.path.slice(0, -1))))
  );
  return [
    ...unknown.map(({ key, path }) => ({
      place: [...path, key],
      reason: "there is no such setting",
      hint: hintFor(key, path),
    })),
    ...others.map(({ path, message }) => ({ place: path, reason: message })),
  ];
}

/** Where a misplaced setting belongs, or which settings its section has. */
function hintFor(name: string, place: Place): string {
  const elsewhere = placesOf(CONFIG_SCHEMA, name);
  if (elsewhere.length > 0) return `It belongs ${elsewhere.map(under).join(", or ")}.`;
  const here = settingsAt(CONFIG_SCHEMA, place);
  return nearHint(name, here) ?? `There is ${here.join(", ")}.`;
}

function under(place: Place): string {
  if (place.length === 0) return "at the top of the file";
  const path = place.filter((step) => typeof step === "string").join(".");
  return typeof place.at(-1) === "number" ? `in an entry of ${path}:` : `under ${path}:`;
}

function typeWords(expected: string, input: unknown): string {
  switch (expected) {
    case "array":
      return `must be a list${asList(input)}`;
    case "object":
      return input === null
        ? "is empty; write settings below it, or leave it out"
        : "must hold settings, each as name: value";
    case "string":
      return typeof input === "number" || typeof input === "boolean"
        ? "must be a text; put it in quotes"
        : "must be a text";
    case "boolean":
      return "must be true or false";
    case "int":
    case "number":
      return "must be a whole number";
    default:
      return `must be ${expected}`;
  }
}

/** How a single value is written as a list; "" where that cannot be said. */
function asList(input: unknown): string {
  if (input === null) return "; it is empty";
  if (typeof input === "object") return '; begin each entry with "- "';
  if (typeof input === "boolean") return "";
  const list = toYamlFlow(
    String(input).split(",").map((text) => text.trim()).filter((text) => text),
  );
  return list.length > SHOWN ? "" : `: write ${list}`;
}

function oneOf(values: readonly string[]): string {
  return values.length > 1 ? `${values.slice(0, -1).join(", ")} or ${values.at(-1)}` : `${values}`;
}
