/** The table of pipes: lines, and what the programs of a machine make of them. */

const FILES = new URL("files/", import.meta.url);

/** The lines of `pipes.txt`; a here-document goes on to its end. */
export async function readPipes(): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("pipes.txt", import.meta.url));
  const pipes: string[] = [];
  let end: string | undefined;
  for (const line of text.split("\n")) {
    if (end !== undefined) {
      pipes.push(`${pipes.pop()}\n${line}`);
      if (line === end) end = undefined;
      continue;
    }
    if (line === "" || line.startsWith("#")) continue;
    pipes.push(line);
    end = /<<'?(\w+)'?(?!\S)/.exec(line)?.[1];
  }
  return pipes;
}

/** The files that the lines read. */
export async function readFiles(): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const { name } of Deno.readDir(FILES)) {
    files.set(name, await Deno.readFile(new URL(name, FILES)));
  }
  return files;
}

/** What a line gives. */
export interface PipeResult {
  readonly stdout: string;
  readonly exitCode: number;
}

/** Runs a line with the machine's own bash and programs. @param path folders of programs */
export async function runReally(line: string, path: string): Promise<PipeResult> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/work`);
    for (const [name, bytes] of await readFiles()) {
      await Deno.writeFile(`${folder}/work/${name}`, bytes);
    }
    const { stdout, code } = await new Deno.Command("bash", {
      args: ["--norc", "--noprofile", "-c", line],
      cwd: `${folder}/work`,
      clearEnv: true,
      env: { PATH: path, LC_ALL: "C.UTF-8", TZ: "UTC", HOME: `${folder}/work` },
      stdin: "null",
      stderr: "null",
    }).output();
    return { stdout: new TextDecoder().decode(stdout), exitCode: code };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What real programs give, and their versions. */
export interface Expected {
  readonly versions: Readonly<Record<string, string>>;
  readonly results: Readonly<Record<string, PipeResult>>;
}

/** Where the recorded results are. */
export const EXPECTED = new URL("pipes_expected.json", import.meta.url);

/** What was recorded by `record.ts`. */
export async function readExpected(): Promise<Expected> {
  return JSON.parse(await Deno.readTextFile(EXPECTED));
}

/** Programs by whose version results may differ; whatever else a line uses is coreutils'. */
export const PROGRAMS = ["bash", "sort", "grep", "sed", "awk", "jq", "yq", "column", "diff"];

/** The programs that a line uses, as far as they count. */
export function programsOf(line: string): Set<string> {
  const used = PROGRAMS.filter((program) => new RegExp(`\\b${program}\\b`).test(line));
  return new Set(["bash", "sort", ...used]);
}

/** The first line of what a program says of its version; undefined where it is not there. */
export async function versionOf(program: string, path: string): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("bash", {
      args: ["--norc", "-c", `${program} --version`],
      clearEnv: true,
      env: { PATH: path },
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout).split("\n")[0] || undefined;
  } catch {
    return undefined;
  }
}

/** Lines in which the shell is known to differ, and says so in its documentation. */
export const KNOWN: ReadonlySet<string> = new Set([
  // awk: an empty line splits into one part, exponents have one digit, no paragraphs.
  `awk '{n=split($0,a,":"); print n, a[1]}' spaces.txt`,
  `awk 'BEGIN{printf "%s %c %x %e %05d\\n", "a", 65, 255, 1234.5, 42}'`,
  `awk 'BEGIN{RS=""}{print NR": "$1}' app.log`,
  // A tab counts as one column after a blank at which a line was broken.
  "fold -s -w 20 app.log",
  // A tab within a cell.
  "column -t -s: spaces.txt",
  // The status of a loop that was left by break is that of the test before it.
  "for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done",
  // A path that a document does not have is not made by a selection in it.
  `yq '(.spec.template.spec.containers[] | select(.name == "web").image) = "nginx:2"' deploy.yaml | tail -40 | head -22`,
]);
