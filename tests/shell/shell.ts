/** The real shell, with real children, over programs of the test's choosing. */
import { childCommand } from "../../lib/sandbox/parent/command.ts";
import { createShell } from "../../lib/shell/parent/shell.ts";
import type { ShellLimits } from "../../lib/shell/protocol.ts";
import type { LineResult, StartProgram } from "../../lib/shell/types.ts";
import { LOGGER } from "../support/clusters.ts";

/** What a line may be given beside its text. */
export interface LineOptions {
  readonly program?: string;
  readonly verbs?: readonly string[];
  readonly programs?: readonly string[];
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A start as it arrived. */
export interface SeenStart {
  readonly program: string;
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly files: Readonly<Record<string, string>>;
}

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Starts a shell. @param answer what a program writes to its standard output; by default its words */
export function testShell(
  answer: (start: SeenStart, signal: AbortSignal) => string | Promise<string> = ({ argv }) =>
    `${argv.join(" ")}\n`,
  limits: Partial<ShellLimits> = {},
) {
  const shell = createShell({ command: childCommand("shell"), logger: LOGGER, limits });
  const starts: SeenStart[] = [];
  const start: StartProgram = async (program, argv, { stdin, files, signal }) => {
    const named = Object.fromEntries([...files].map(([name, bytes]) => [name, decode(bytes)]));
    const seen = { program, argv, stdin: decode(stdin), files: named };
    starts.push(seen);
    return { stdout: encode(await answer(seen, signal)), stderr: encode(""), exitCode: 0 };
  };
  return {
    starts,
    run(text: string, options: LineOptions = {}): Promise<LineResult> {
      const { program, stdin, files, timeoutMs = 60_000, signal, ...more } = options;
      return shell.run({
        ...more,
        text,
        program,
        timeoutMs,
        signal: signal ?? new AbortController().signal,
        ...(stdin === undefined ? {} : { stdin: encode(stdin) }),
        ...(files ? { files } : {}),
      }, start);
    },
    [Symbol.asyncDispose]: () => shell.close(),
  };
}
