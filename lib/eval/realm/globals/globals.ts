/** Timers, console and `ctx`: the globals that need the host. */
import type { Host } from "../base/host.ts";
import { usageError } from "../base/errors.ts";
import { tableText } from "../values/table.ts";
import { consoleText } from "../values/value.ts";

type Callback = (...args: unknown[]) => unknown;

/** setTimeout, setInterval and their ends, over numbered timers of the host. */
export function createTimers(host: Host) {
  const running = new Map<number, { callback: Callback; args: unknown[]; repeat: boolean }>();
  let last = 0;
  const start = (repeat: boolean) => (callback: unknown, delay?: unknown, ...args: unknown[]) => {
    if (typeof callback !== "function") {
      throw usageError("TypeError", "A timer takes a function; text is not run as code");
    }
    if (running.size >= 10_000) {
      throw usageError("LimitError", "Cannot start another timer: 10000 are running");
    }
    last += 1;
    running.set(last, { callback: callback as Callback, args, repeat });
    const milliseconds = Number(delay) || 0;
    host.startTimer(last, milliseconds > 0 ? milliseconds : 0, repeat);
    return last;
  };
  const stop = (number: unknown) => {
    if (typeof number !== "number" || !running.has(number)) return;
    running.delete(number);
    host.stopTimer(number);
  };
  return {
    globals: {
      setTimeout: start(false),
      setInterval: start(true),
      clearTimeout: stop,
      clearInterval: stop,
    },
    fire(number: number) {
      const timer = running.get(number);
      if (!timer) return;
      if (!timer.repeat) running.delete(number);
      const { callback, args } = timer;
      callback(...args);
    },
  };
}

/** A console whose lines come back beside the result. */
export function createConsole(host: Host): Record<string, Callback> {
  const level = (name: string): Callback => (...values) => {
    host.log(name, values.map((value) => consoleText(value)).join(" "));
  };
  const log = level("log");
  const warn = level("warn");
  return {
    log,
    info: level("info"),
    warn,
    error: level("error"),
    debug: level("debug"),
    trace: level("debug"),
    dir: log,
    table: (rows, columns) =>
      typeof rows === "object" && rows !== null ? log(tableText(rows, columns, warn)) : log(rows),
  };
}

/** client-go's context, without values: its channel is a promise, which the deadline settles. */
export function createContext(
  deadline: number,
  setTimeout: (callback: () => void, milliseconds: number) => unknown,
): object {
  let done: Promise<void> | undefined;
  return {
    deadline: () => [new Date(deadline), true],
    done: () => done ??= new Promise((resolve) => setTimeout(resolve, deadline - Date.now())),
    err: () => Date.now() >= deadline ? "context deadline exceeded" : null,
    value: () => undefined,
  };
}
