/** base64: that of the interpreter's package. What stands for a hidden value is not encoded text. */
import { type Command, defineCommand } from "just-bash";
import { failure, result } from "../base/bytes.ts";
import { readInput } from "../base/text_command.ts";

/** A text that is a token of the redactor and nothing else. */
const TOKEN = /^\s*\[redacted:[0-9a-f]{12}\]\s*$/;
/** Longer inputs are none. */
const LENGTH = 64;

/** base64; a token that is decoded stays a token. */
export const base64: Command = defineCommand("base64", async (words, context) => {
  const { origCommand } = context;
  if (origCommand === undefined) return failure("base64", "not there");
  if (words.some((word) => /^(-[a-z]*[dD]|--decode)/.test(word))) {
    const file = words.find((word) => !word.startsWith("-")) ?? "-";
    const text = await readInput(file, context);
    if (typeof text === "string" && text.length <= LENGTH && TOKEN.test(text)) return result(text);
  }
  return await origCommand([...words]);
});
