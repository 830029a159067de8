/** What scripts have: verbs, options, globals, errors and limits, made from lib/. */
import { DEFAULT_LIMITS } from "../../../lib/eval/limits.ts";
import { EXIT } from "../../../lib/exit.ts";
import { DEFAULT_RATE_LIMITS } from "../../../lib/policy/rate_limit.ts";
import { GLOBALS, MEMBERS } from "../../../lib/sdk_guide/globals.ts";
import { READ_OPTIONS } from "../../../lib/sdk_guide/options.ts";
import { signatureOf, verbNames } from "../../../lib/sdk_guide/signatures.ts";
import { ROOT } from "../../files.ts";
import { cell, code, table } from "./markdown.ts";

/** Each verb: how it is written, and which resources have it. */
export function verbsTable(): string {
  const rows = verbNames().map((name) => {
    const { text, of, subresource, at, more } = signatureOf(name)!;
    const which = of
      ? of.resources.join(", ")
      : subresource
      ? `those with ${code(subresource)}`
      : at ?? (subresource === "" ? "those with subresources" : "all");
    return [code(name), cell(code(text)), which, cell(more ?? "")];
  });
  return table(["verb", "written", "resources", "more"], rows);
}

/** The options of each way to read. */
export function optionsTable(): string {
  const names: Readonly<Record<string, string>> = {
    log: "`getLogs(name, …)`",
    logs: "`getLogs({labelSelector, …})`",
  };
  return table(
    ["call", "options"],
    Object.entries(READ_OPTIONS).map(([verb, options]) => [
      names[verb] ?? code(verb),
      options.map(code).join(", "),
    ]),
  );
}

/** The globals, and what `k8s` has besides the clients; those that are told together in one row. */
export function globalsTable(): string {
  const rows = new Map<string, string[]>();
  const members = Object.entries(MEMBERS).map(([name, text]) => [`k8s.${name}`, text] as const);
  for (const [name, text] of [...Object.entries(GLOBALS), ...members]) {
    rows.set(text, [...rows.get(text) ?? [], name]);
  }
  return table(
    ["global", "use"],
    [...rows].map(([text, names]) => [names.map(code).join(", "), cell(text)]),
  );
}

/** The errors that a script can catch: the comments of their classes. */
export async function errorsTable(): Promise<string> {
  const source = await Deno.readTextFile(`${ROOT}/lib/errors.ts`);
  const classes = source.matchAll(/^\/\*\* (.*) \*\/\nexport class (\w+) extends KubecodeError/gm);
  return table(
    ["`error.name`", "meaning"],
    [...classes].map(([, meaning, name]) => [code(name), cell(meaning ?? "")]),
  );
}

/** The limits of scripts and callers. */
export function limitsTable(): string {
  const {
    scriptBytes,
    defaultTimeoutMs,
    maxTimeoutMs,
    memoryBytes,
    calls,
    inFlight,
    watches,
    argumentBytes,
    consoleBytes,
    resultCharacters,
    concurrentScripts,
    waitingScripts,
  } = DEFAULT_LIMITS;
  const { read, write, other } = DEFAULT_RATE_LIMITS;
  return table(["limit", "value"], [
    ["source of a script", bytes(scriptBytes)],
    ["time of a script, unless `timeout` says otherwise", seconds(defaultTimeoutMs)],
    ["time of a script, at most", seconds(maxTimeoutMs)],
    ["memory of a script", bytes(memoryBytes)],
    ["calls of a script", String(calls)],
    ["calls of a script under way at once", String(inFlight)],
    ["watches of a script open at once", String(watches)],
    ["one argument of a call", bytes(argumentBytes)],
    ["console output of a script", bytes(consoleBytes)],
    ["answer over MCP", `${resultCharacters.toLocaleString("en")} characters`],
    ["scripts of one caller that run at once", String(concurrentScripts)],
    ["scripts of one caller that wait for their turn", String(waitingScripts)],
    ["calls a minute of tools that read", String(read)],
    ["calls a minute of tools that write", String(write)],
    ["calls a minute of other tools, scripts among them", String(other)],
  ]);
}

function bytes(count: number): string {
  const kib = count / 1024;
  return kib < 1024 ? `${kib} KiB` : `${kib / 1024} MiB`;
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}

const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "it worked",
  failed: "it ran, and the answer is no: the script failed, the change is refused, …",
  usage: "the command line or the configuration cannot be used",
  timeout: "the script took too long (as `timeout(1)`)",
  interrupted: "Ctrl-C (as a shell has it)",
};

/** The codes that the program exits with. */
export function exitCodesTable(): string {
  return table(
    ["code", "meaning"],
    Object.entries(EXIT).map(([name, value]) => [
      String(value),
      EXIT_MEANINGS[name as keyof typeof EXIT],
    ]),
  );
}
