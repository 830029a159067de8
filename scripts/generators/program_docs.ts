/**
 * Reads the tree of a program's verbs and flags from the Markdown pages that cobra writes of it: for a
 * program that is not at hand. argocd's sources have them under docs/user-guide/commands.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { KnownFlag, VerbLine } from "../../lib/programs/words/trees/tree.ts";
import { pflagFlag } from "./program_help.ts";

/** Other names of verbs, which the pages do not have: those of argocd, from its sources. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  "account get-user-info": ["whoami"],
  "admin settings resource-overrides run-action": ["action"],
  context: ["ctx"],
  proj: ["project"],
  "proj role create-token": ["token-create"],
  "proj role delete-token": ["token-delete", "remove-token"],
  "proj role list-tokens": ["list-token", "token-list"],
};

/** The verbs of the pages, a verb before those under it. */
export async function readProgramPages(folder: string): Promise<VerbLine[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".md"));
  const pages = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const all = pages.map((page) => ({
    path: (/^## (.*)$/m.exec(page)?.[1] ?? "").split(" ").slice(1),
    own: flagsUnder(page, "### Options"),
    inherited: flagsUnder(page, "### Options inherited from parent commands"),
  })).sort((a, b) => a.path.join(" ") < b.path.join(" ") ? -1 : 1);
  const root = all[0]?.own ?? [];
  return all.map(({ path, own, inherited }) => {
    const ofGroup = inherited.filter(({ name }) => !root.some((flag) => flag.name === name));
    const flags = [...own, ...ofGroup].sort((a, b) => a.name < b.name ? -1 : 1);
    return { path, aliases: ALIASES[path.join(" ")] ?? [], flags };
  });
}

function flagsUnder(page: string, heading: string): KnownFlag[] {
  const [, block = ""] = page.split(`${heading}\n\n\`\`\`\n`);
  return (block.split("```")[0] ?? "").split("\n")
    .flatMap((line) => pflagFlag(line) ?? []).filter(({ name }) => name !== "help");
}
