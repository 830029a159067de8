/** The program that runs now. */
import type { RunningProgram } from "./kind.ts";

/** What is known of it. */
export function runningProgram(): RunningProgram {
  return {
    standalone: Deno.build.standalone,
    execPath: Deno.execPath(),
    mainModule: Deno.mainModule,
    env: (name) => Deno.env.get(name),
  };
}
