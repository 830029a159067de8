/** Runs one line: an interpreter with a file system in memory and the commands that are offered. */
import { Bash, type BashExecResult, type Command, InMemoryFs } from "just-bash";
import { fromText, toBinary, toBytes } from "../base/bytes.ts";
import { OWN } from "../commands/own.ts";
import { programCommand, type Start } from "../commands/programs.ts";
import { WORK } from "../commands/named_files.ts";
import { PROGRAM_NAMES } from "../../programs/types.ts";
import { PACKAGE_COMMANDS } from "../offered.ts";
import { type LineHeader, splitParts } from "../protocol.ts";
import { type LineFor, missingHint, verbAsCommand } from "./missing.ts";

/** What a line has given, as bytes. */
export interface LineOutput {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
  readonly cut: boolean;
}

/** Strings of the interpreter: a whole pipe, and what becomes of it. */
const STRING_BYTES = 128 * 1024 * 1024;

/** Runs a line. @param start starts a program @throws nothing: a fault is an exit code of its own */
export async function runLine(
  header: LineHeader,
  body: Uint8Array<ArrayBuffer>,
  start: Start,
): Promise<LineOutput> {
  const [[, text], [, stdin], ...files] = splitParts(header.parts, body) as [
    [string, Uint8Array<ArrayBuffer>],
    [string, Uint8Array<ArrayBuffer>],
    ...[string, Uint8Array<ArrayBuffer>][],
  ];
  const line = new TextDecoder().decode(text);
  const fault = verbAsCommand(line, header);
  if (fault !== undefined) {
    const stderr = toBytes(fromText(`shell: ${fault}\n`));
    return { stdout: new Uint8Array(0), stderr, exitCode: 127, cut: false };
  }
  const fs = new InMemoryFs({}, { maxTotalBytes: STRING_BYTES });
  fs.mkdirSync("/tmp", { recursive: true });
  for (const [name, bytes] of files) fs.writeFileSync(fs.resolvePath(WORK, name), bytes);
  const commands: Command[] = [...OWN, ...PROGRAM_NAMES.map((name) => programCommand(name, start))];
  const bash = new Bash({
    fs,
    cwd: WORK,
    env: { HOME: WORK, USER: "user", LANG: "C.UTF-8", TZ: "UTC" },
    commands: [...PACKAGE_COMMANDS],
    customCommands: commands,
    defenseInDepth: false,
    executionLimits: {
      maxStringLength: STRING_BYTES,
      maxOutputSize: STRING_BYTES,
      maxInputBytes: 4 * STRING_BYTES,
      maxLiveBytes: 4 * STRING_BYTES,
      maxFileSystemBytes: STRING_BYTES,
      maxAwkIterations: 10_000_000,
      maxSedIterations: 10_000_000,
      maxLoopIterations: 1_000_000,
      maxCommandCount: 1_000_000,
      maxWorkUnits: 1_000_000_000,
    },
  });
  let run: BashExecResult;
  try {
    run = await bash.exec(line, {
      rawScript: true,
      stdin: toBinary(stdin),
      stdinKind: "bytes",
    });
  } catch (error) {
    // A fault of the interpreter, or the end of its stack: the line's own, not ours.
    const message = error instanceof Error ? error.message : String(error);
    run = { stdout: "", stderr: `bash: ${message}\n`, exitCode: 2, env: {} };
  }
  const stdout = toBytes(run.stdoutKind === "bytes" ? run.stdout : fromText(run.stdout));
  const stderr = toBytes(fromText(told(run.stderr, header)));
  const most = header.outputBytes;
  return {
    stdout: stdout.subarray(0, most),
    stderr: stderr.subarray(0, most),
    exitCode: run.exitCode,
    cut: stdout.length > most || stderr.length > most,
  };
}

/** What the interpreter says of its own package is nothing to whoever wrote the line. */
const OWN_WORDS: readonly (readonly [said: RegExp, told: string])[] = [
  [/: command not available in browser environments\..*$/gm, ": command not found"],
  [/, increase executionLimits\.\w+/g, ""],
  [/Aborted\(\)\. Build with -sASSERTIONS for more info\./g, "out of memory"],
];

/** Standard error as it is told: a command that is not there is answered with what is. */
function told(stderr: string, line: LineFor): string {
  const text = OWN_WORDS.reduce((text, [said, told]) => text.replace(said, told), stderr);
  const missing = /([^\s:]*): command not found$/m.exec(text)?.[1];
  return missing === undefined ? text : `${text}shell: ${missingHint(missing, line)}\n`;
}
