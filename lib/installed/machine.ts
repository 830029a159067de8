/** Programs on this machine, and the command that starts this one there. */
import { join, resolve } from "node:path";
import { PERMISSION_FLAGS } from "../surroundings.ts";
import { runningProgram } from "./program.ts";
import { type StartCommand, startCommand } from "./start.ts";

/** The command by which another program starts this one. */
export function startHere(): StartCommand {
  const windows = Deno.build.os === "windows";
  return startCommand(runningProgram(), {
    windows,
    deno: Deno.version.deno,
    onPath: (name) => onPath(name, windows, (variable) => Deno.env.get(variable)),
    realPath,
  }, { permissions: ["--no-prompt", ...PERMISSION_FLAGS] });
}

/** Absolute path of a program on PATH, as PATH names it: symbolic links are kept. */
export function onPath(
  program: string,
  windows: boolean,
  env: (name: string) => string | undefined,
): string | undefined {
  const names = windows ? [`${program}.exe`, `${program}.cmd`] : [program];
  for (const folder of (env("PATH") ?? "").split(windows ? ";" : ":")) {
    if (folder === "") continue;
    for (const name of names) {
      const path = resolve(join(folder, name));
      if (isProgram(path, windows)) return path;
    }
  }
  return undefined;
}

function isProgram(path: string, windows: boolean): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && (windows || ((mode ?? 0) & 0o111) !== 0);
  } catch {
    return false;
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}
