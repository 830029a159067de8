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
