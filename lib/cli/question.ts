/** A plan at a terminal, and the question about it. */
import { InputError } from "../errors.ts";
import { shown } from "../std/shown.ts";
import { type Printer, writeAll } from "./print.ts";

/** Shows a plan to a person and asks; undefined where there is nobody. */
export type AskPerson = (plan: string, question: string) => Promise<boolean | undefined>;

/** Prints a text that holds a plan, a line at a time: what comes, what goes, what is grave. */
export function printPlan(text: string, printer: Printer): void {
  for (const line of text.split("\n")) {
    printer.err(
      line,
      /^ {4}\+ /.test(line)
        ? "good"
        : /^ {4}- |^\d+\. delete/.test(line)
        ? "bad"
        : /GIVES RIGHTS|NOT ALL IS SHOWN/.test(line)
        ? "warning"
        : undefined,
    );
  }
}

/** The terminal of the person who has started the program, whatever its standard input is. */
const TERMINAL = "/dev/tty";

/** Asks a person at the terminal. @param shownOn the stream that the plan has been printed on */
export function terminalQuestion(
  signal: AbortSignal,
  shownOn: { isTerminal(): boolean } = Deno.stderr,
): AskPerson {
  return async (plan, question) => {
    using terminal = await openTerminal();
    if (terminal === undefined) return undefined;
    // The person may not see where the plan has been printed.
    const seen = shownOn.isTerminal() ? "" : `${shown(plan, { lines: true })}\n`;
    writeAll(terminal, `${seen}${question}`);
    const line = new Uint8Array(256);
    const length = await Promise.race([terminal.read(line), interrupted(signal)]) ?? 0;
    return /^y(es)?$/i.test(new TextDecoder().decode(line.subarray(0, length)).trim());
  };
}

/** What a person is asked on. */
type Terminal = Pick<Deno.FsFile, "read" | "writeSync"> & Disposable;

/** Undefined where the program has no terminal, or none that it may write to. */
async function openTerminal(): Promise<Terminal | undefined> {
  try {
    return await Deno.open(TERMINAL, { read: true, write: true });
  } catch {
    // Windows has no such file, and without all permissions Deno opens it for reading only.
    const shown = [Deno.stderr, Deno.stdout].find((stream) => stream.isTerminal());
    const input = await openInput();
    if (shown === undefined || input === undefined) return undefined;
    return {
      read: (into) => input.read(into),
      writeSync: (bytes) => shown.writeSync(bytes),
      [Symbol.dispose]: () => input.close(),
    };
  }
}

/** What a person types, whatever standard input is. */
async function openInput(): Promise<Pick<Deno.FsFile, "read" | "close"> | undefined> {
  try {
    return await Deno.open(TERMINAL, { read: true });
  } catch {
    if (!Deno.stdin.isTerminal()) return undefined;
    return { read: (into) => Deno.stdin.read(into), close: () => {} };
  }
}

/** Rejects once the person has interrupted the program. */
export function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new InputError("Interrupted"));
    if (signal.aborted) return end();
    signal.addEventListener("abort", end, { once: true });
  });
}
