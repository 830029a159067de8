/** `exec`: a command in a container. */
import { bytesToText } from "../input/arguments.ts";
import type { CallSpec } from "../calls/types.ts";
import { jsonDecoder } from "../calls/decoders.ts";
import { shown, usageError } from "../base/errors.ts";
import { refuseRest, takeOptions } from "../input/options.ts";
import { execOf } from "../../../std/regexp.ts";
import { copyOf } from "../base/script_values.ts";
import type { VerbTools } from "./sdk_types.ts";
import { readTimeout } from "./wait_for.ts";

/** How long a command may take where nothing else is said. */
const EXEC_MS = 15_000;

const OPTIONS = ["container", "stdin", "tty"];

/** What only a shell understands. */
const SHELL = /[|&;<>()$`\\"'*?~#{}[\]!\n]/;

const HOW =
  'Write exec(name, ["sh", "-c", "…"]) for what needs a shell, else ["ls", "-l", "/tmp"].';

/** `exec(name, command, {container, stdin, timeoutMs, tty})` gives `{stdout, stderr, exitCode}`. */
export function execVerb({ parts, home, verb, nameOf }: VerbTools) {
  return verb(1, ([name, command, options]): CallSpec => {
    const { taken: { container, stdin, tty }, rest } = takeOptions(options, OPTIONS);
    const { query, timeoutMs } = readTimeout(rest, parts.deadline, EXEC_MS);
    refuseRest(query, "exec", "container, stdin, timeoutMs, tty");
    const header = {
      op: "exec",
      namespace: home(),
      name: nameOf(name, "exec"),
      command: readCommand(command),
      container,
      tty,
      timeoutMs,
    };
    const decoder = jsonDecoder();
    return stdin === undefined
      ? { header, decoder }
      : { header: { ...header, stdin: true }, body: readInput(stdin), decoder };
  });
}

function readCommand(given: unknown): string[] {
  const words: string[] = [];
  if (Array.isArray(given)) {
    for (const word of copyOf(given)) {
      if (typeof word === "string") words.push(word);
      else if (typeof word === "number") words.push(`${word}`);
      else throw usageError("InputError", `Cannot exec: ${shown(word)} is no argument`, HOW);
    }
  } else if (typeof given === "string") {
    const special = execOf(SHELL, given);
    if (special) {
      throw usageError(
        "InputError",
        `Cannot exec ${shown(given)}: no shell reads it, and it holds ${shown(special[0])}`,
        HOW,
      );
    }
    const word = /\S+/g;
    for (let found = execOf(word, given); found; found = execOf(word, given)) {
      words.push(found[0]);
    }
  }
  if (words.length > 0 && words[0] !== "") return words;
  throw usageError("InputError", `Cannot exec: ${shown(given)} is no command`, HOW);
}

function readInput(stdin: unknown): string {
  const text = typeof stdin === "string" ? stdin : bytesToText(stdin);
  if (text !== undefined) return text;
  throw usageError(
    "InputError",
    `Cannot use ${shown(stdin)} as stdin: it is no text`,
    "Give a string; JSON.stringify(value) makes one.",
  );
}
