/** Programs at a terminal of their own, which `script` of util-linux makes, and a person at it. */

/** What a person does: types something once something is to be seen, `""` at once. */
export type TerminalStep = readonly [seen: string, typed: string];

/** How a program ended at its terminal, and all that was to be seen there. */
export interface TerminalResult {
  readonly code: number;
  readonly seen: string;
}

/**
 * Runs a program at a terminal, in the place of a shell: Ctrl-C (`"\x03"`) is a signal to it alone.
 *
 * @param words the program and its arguments
 * @param steps done one after the other
 * @param options `output`: a file in place of the terminal for its standard output
 */
export async function atTerminal(
  words: readonly string[],
  steps: readonly TerminalStep[],
  { cwd, env, output, signal }: {
    readonly cwd?: string;
    readonly env: Readonly<Record<string, string>>;
    readonly output?: string;
    readonly signal?: AbortSignal;
  },
): Promise<TerminalResult> {
  const line = ["exec", ...words.map(quoted), ...(output ? [">", quoted(output)] : [])].join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", line, "/dev/null"],
    ...(cwd === undefined ? {} : { cwd }),
    clearEnv: true,
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    ...(signal === undefined ? {} : { signal }),
  }).spawn();
  const keys = child.stdin.getWriter();
  const left = [...steps];
  let seen = "";
  const goOn = async () => {
    const [next] = left;
    if (next === undefined || !seen.includes(next[0])) return;
    left.shift();
    await keys.write(new TextEncoder().encode(next[1]));
  };
  await goOn();
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    seen += text;
    await goOn();
  }
  const { code } = await child.status;
  await keys.close().catch(() => {});
  return { code, seen };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
