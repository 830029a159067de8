/** The program that runs now. */
import process from "node:process";
import type { RunningProgram } from "./kind.ts";

/** The name that it was started by, links kept, as its help shows it. */
export function calledAs(): string {
  return /(?:^|[\\/])kubectl-code(?:\.exe)?$/.test(process.argv0) ? "kubectl code" : "kubecode";
}

/** What is known of it. */
export function runningProgram(): RunningProgram {
  return {
    standalone: Deno.build.standalone,
    execPath: Deno.execPath(),
    mainModule: Deno.mainModule,
    env: (name) => Deno.env.get(name),
  };
}
