/** Small programs for tests of what starts programs: shell scripts in a folder of their own. */

/** A folder with programs, removed at the end. */
export interface FakePrograms extends AsyncDisposable {
  readonly folder: string;
  /** Writes a program and gives its path. @param script the body of a shell script */
  add(name: string, script: string): Promise<string>;
}

/** Makes a folder for programs. */
export async function fakePrograms(): Promise<FakePrograms> {
  const folder = await Deno.makeTempDir({ prefix: "kubecode-fakes-" });
  return {
    folder,
    async add(name, script) {
      const path = `${folder}/${name}`;
      await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return path;
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Whether a process is there and has not ended. */
export function isRunning(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}
