/**
 * Examples in documents: a script or a command over the demo cluster, and below it what it prints.
 * `deno task generate examples` runs them all and writes the outputs anew; a test holds them to it.
 *
 * An example is a block of `js` (its flags stand behind the language: `js --dry-run`) or a block of
 * `sh` that begins with `kubecode`, with a block of `text` right below it.
 */
import { fileURLToPath } from "node:url";
import { ROOT } from "../../files.ts";

/** The documents that have examples. */
export const WITH_EXAMPLES: readonly string[] = ["README.md", "docs/cookbook.md"];

/** One example. */
export interface Example {
  /** The heading that it stands under. */
  readonly heading: string;
  /** What stands between that and the code. */
  readonly intro: string;
  readonly code: string;
  /** Flags of `kubecode eval` for a script; undefined: the code is for a shell. */
  readonly flags?: readonly string[];
  /** What the document says that it prints, with the last line's end. */
  readonly output: string;
  /** Where the output stands in the document. */
  readonly start: number;
}

const BLOCKS =
  /^```(js|sh)([^\n]*)\n((?:(?!\n```)[^])*)\n```\n\n```text\n((?:(?!```).*\n)*)```$/dgm;

/** The examples of a document, in order. */
export function examplesIn(text: string): Example[] {
  return [...text.matchAll(BLOCKS)].filter(([, language, , code]) =>
    language === "js" || code!.startsWith("kubecode ")
  ).map((found) => {
    const [, language, flags = "", code = "", output = ""] = found;
    const before = text.slice(0, found.index);
    const [, heading = "", intro = ""] = /(?:^|\n)#+ ([^\n]*)\n((?:(?!\n#+ )[^])*)$/.exec(before) ??
      [];
    return {
      heading,
      intro,
      code,
      ...(language === "js" ? { flags: flags.split(" ").filter((flag) => flag !== "") } : {}),
      output,
      start: found.indices![4]![0],
    };
  });
}

/**
 * What an example prints, standard output first.
 *
 * @throws {Error} a command of the shell that fails; a script may
 */
export async function outputOf({ code, flags }: Example): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "kubecode-example-" });
  try {
    const main = fileURLToPath(new URL("../../../main.ts", import.meta.url));
    const run = `exec "${Deno.execPath()}" run -A --quiet --no-check "${main}" "$@"`;
    await Deno.writeTextFile(`${folder}/kubecode`, `#!/bin/sh\n${run}\n`, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/script`, code);
    const line = flags === undefined
      ? code
      : `kubecode eval --demo ${flags.join(" ")} "${folder}/script"`;
    const { success, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", line],
      cwd: ROOT,
      env: { PATH: `${folder}:${Deno.env.get("PATH") ?? ""}`, KUBECODE_CONFIG: "" },
      stdin: "null",
    }).output();
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trimEnd())
      .filter((part) => part !== "").join("\n");
    if (!success && flags === undefined) throw new Error(`${line}\n${text}`);
    return text === "" ? "" : `${steady(text)}\n`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What differs from run to run: the ends of names, and tokens. */
const UNSTEADY =
  /(-[a-z0-9]{10}-|\bkube-proxy-)[a-z0-9]{5}\b|(\bnightly-report-)\d+(?:-[a-z0-9]{5})?\b|(\[redacted:)[0-9a-f]{12}/g;

/** The text with `…` in the place of that; columns stay where they are. */
function steady(text: string): string {
  return text.replaceAll(UNSTEADY, (found, ...rest) => {
    const [at, whole] = rest.slice(-2) as [number, string];
    const short = `${rest.slice(0, 3).find((kept) => kept !== undefined)}…`;
    return whole.startsWith("  ", at + found.length) ? short.padEnd(found.length) : short;
  }).replaceAll(/[ \t]+$/gm, "");
}

/** Runs the examples of all documents and writes what they print. */
export async function writeExamples(): Promise<void> {
  for (const path of WITH_EXAMPLES) {
    const file = `${ROOT}/${path}`;
    let text = await Deno.readTextFile(file);
    // From the last to the first, so that places stay what they were.
    for (const example of examplesIn(text).toReversed()) {
      const { start, output } = example;
      const end = start + output.length;
      text = text.slice(0, start) + await outputOf(example) + text.slice(end);
    }
    await Deno.writeTextFile(file, text);
  }
}
