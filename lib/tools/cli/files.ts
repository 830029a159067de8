/** The parameter `files`: texts by name, for a command that reads more than its input. Pure. */
import { z } from "zod";
import { isRecord, parseJson } from "../../std/json/unknown.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** How many files there may be, and characters of all of them. */
const MOST_FILES = 100;
const CHARACTERS = 4 * 1024 * 1024;

/** A relative path without a hidden part, `.` or `..`. */
const PATH = /^[A-Za-z0-9_][\w.@+-]{0,99}(\/[A-Za-z0-9_][\w.@+-]{0,99}){0,7}$/;

/** Text; an object or a list that is to be a manifest is taken for its JSON. */
export const TEXT = z.preprocess(
  (given) => isRecord(given) || Array.isArray(given) ? stringifyExact(given) : given,
  z.string().max(CHARACTERS, `must have at most ${CHARACTERS} characters`),
).meta({ maxLength: undefined });

/** Files, as an object or as JSON text; which some hosts want is told in lib/tools/guarded. */
export const FILES = z.preprocess(
  (given) => typeof given === "string" ? parseJson(given) ?? given : given,
  z.record(z.string(), TEXT, { error: 'must be {"name": "text"}' })
    .superRefine((files, context) => {
      const names = Object.keys(files);
      if (names.length > MOST_FILES) context.addIssue(`more than ${MOST_FILES} files`);
      const wrong = names.find((name) => !PATH.test(name));
      if (wrong !== undefined) {
        context.addIssue(`"${wrong.slice(0, 60)}" is no plain name, such as web.yaml`);
      }
      const folder = names.find((name) => names.some((other) => other.startsWith(`${name}/`)));
      if (folder !== undefined) context.addIssue(`"${folder}" is a file and a folder`);
      const size = Object.values(files).reduce((sum, { length }) => sum + length, 0);
      if (size > CHARACTERS) context.addIssue(`more than ${CHARACTERS} characters in all`);
    }),
).meta({
  type: "string",
  propertyNames: undefined,
  additionalProperties: undefined,
});
