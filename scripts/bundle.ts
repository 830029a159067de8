/**
 * Bundles the program and its packages.
 *
 *     deno task bundle   # dist/kubecode.js, one module that runs from a URL
 */
import { basename, dirname } from "node:path";
import { ROOT } from "./files.ts";
import { generate } from "./generate.ts";
import { packWasm } from "./generators/pack_wasm.ts";

/**
 * Bundles into a folder, parts that are loaded late as files of their own; gives the path of the
 * entry there. What a binary embeds is held in memory by each of its processes: bundled it is 3.5 MB,
 * as whole packages 20.
 */
export async function bundleParts(entry: string, folder: string): Promise<string> {
  await bundle(entry, "--code-splitting", "--outdir", folder);
  for await (const { name } of Deno.readDir(folder)) await pack(`${folder}/${name}`);
  return `${folder}/${basename(entry).replace(/\.ts$/, ".js")}`;
}

/** Bundles the program into one module. @param output absolute path of the file */
export async function bundleModule(output: string): Promise<void> {
  await Deno.mkdir(dirname(output), { recursive: true });
  await bundle(`${ROOT}/main.ts`, "--output", output);
  await pack(output);
  await Deno.writeTextFile(output, requireBuiltIns(await Deno.readTextFile(output)));
}

/**
 * The bundler's `require` resolves from the module's own path, which a URL is not. What is left to be
 * required are built-in modules, and optional packages that are not there.
 */
function requireBuiltIns(code: string): string {
  const own = "__deno_internal_createRequire(import.meta.url)";
  if (!code.includes(own)) throw new Error("Cannot bundle: the bundler's require has changed");
  return code.replace(
    own,
    `(name) => {
  const found = process.getBuiltinModule(name);
  if (found === undefined) throw new Error(\`Cannot find module "\${name}"\`);
  return found;
}`,
  );
}

async function bundle(entry: string, ...options: string[]): Promise<void> {
  await generate();
  const frozen = Deno.env.get("CI") ? ["--frozen"] : [];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...frozen, "--quiet", "--platform", "deno", ...options, entry],
    cwd: ROOT,
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr).trim()}`);
}

async function pack(path: string): Promise<void> {
  await Deno.writeTextFile(path, packWasm(await Deno.readTextFile(path)));
}

if (import.meta.main) {
  const output = `${ROOT}/dist/kubecode.js`;
  await bundleModule(output);
  console.error(`Wrote ${output}: ${Math.round((await Deno.stat(output)).size / 1024)} KiB`);
}
