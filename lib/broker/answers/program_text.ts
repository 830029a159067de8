/** What a program prints that was shown more than its asker may see. */
import { createHider } from "../../redact/writes/known_values.ts";
import type { Redactor } from "../../redact/redactor.ts";

/** Shorter lines of a value stand in other texts too. */
const LINE_CHARACTERS = 6;

/**
 * A text without what looks like a credential, and without the values that are known to be hidden, however
 * they are encoded. A value of several lines is looked for line by line: YAML indents them.
 *
 * @param known values, each with its token
 */
export async function hideInText(
  text: string,
  known: ReadonlyMap<string, string>,
  redactor: Redactor,
): Promise<string> {
  const hidden = new Map<string, string>();
  for (const [value, token] of known) {
    const lines = value.split("\n").map((line) => line.trim());
    if (lines.length === 1) hidden.set(value, token);
    else for (const line of lines) if (line.length >= LINE_CHARACTERS) hidden.set(line, token);
  }
  const words = hidden.size === 0 ? text : text.split("\n").map(createHider(hidden)).join("\n");
  const bytes = await redactor.patiently(new TextEncoder().encode(words), { form: "bytes" });
  return new TextDecoder().decode(bytes);
}
