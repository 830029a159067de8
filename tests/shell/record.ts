/**
 * Records what the real programs make of the table of pipes.
 *
 *     PATH=<folder with gawk as awk, mikefarah's yq>:$PATH deno run -A tests/shell/record.ts
 */
import { EXPECTED, PROGRAMS, readPipes, runReally, versionOf } from "./pipes.ts";

const path = Deno.env.get("PATH") ?? "";
const versions: Record<string, string> = {};
for (const program of PROGRAMS) versions[program] = await versionOf(program, path) ?? "not there";
const results: Record<string, unknown> = {};
for (const pipe of await readPipes()) results[pipe] = await runReally(pipe, path);
await Deno.writeTextFile(EXPECTED, `${JSON.stringify({ versions, results }, undefined, 1)}\n`);
