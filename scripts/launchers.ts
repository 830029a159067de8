/**
 * Notices when the program that launched this one is gone. `npx deno task test` is a chain of
 * processes, and ending its first one alone tells the last one nothing.
 */

/** A process as /proc shows it. */
interface Process {
  readonly parent: number;
  readonly name: string;
}

/** Reads a process; undefined when it does not run. */
type ReadProcess = (pid: number) => Process | undefined;

/**
 * The processes that launched this one, nearest first: Deno, node, npm, npx, and the shells between
 * them, but not the shell or program that called the first. Empty where there is no /proc.
 */
export function launchers(pid: number = Deno.pid, read: ReadProcess = readProcess): number[] {
  const chain: { pid: number; name: string }[] = [];
  let parent = read(pid)?.parent ?? 0;
  while (parent > 1) {
    const process = read(parent);
    if (process === undefined || !/^(?:deno|node|npm|npx|sh$)/.test(process.name)) break;
    chain.push({ pid: parent, name: process.name });
    parent = process.parent;
  }
  while (chain.at(-1)?.name === "sh") chain.pop();
  return chain.map(({ pid }) => pid);
}

/**
 * Calls back once when one of the launchers has ended; looks every second. Dispose of it to stop.
 */
export function onLauncherGone(callback: () => void): Disposable {
  const pids = launchers();
  const timer = setInterval(() => {
    if (pids.every((pid) => readProcess(pid) !== undefined)) return;
    clearInterval(timer);
    callback();
  }, 1000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function readProcess(pid: number): Process | undefined {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status)?.[1] ?? "";
    if (/^[ZX]/.test(field("State"))) return undefined;
    return { parent: Number(field("PPid")), name: field("Name") };
  } catch {
    return undefined;
  }
}
