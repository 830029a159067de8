/**
 * Bundles the program and its packages.
 *
 *     deno task bundle   # dist/kubecode.js, one module that runs from a URL
 *
 * The same commit gives the same bytes, wherever and whenever it is bundled.
 */
import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import * as esbuild from "esbuild";
import { BUILD } from "../lib/version.ts";
import { ROOT } from "./files.ts";
import { generate } from "./generate.ts";
import { packWasm } from "./generators/pack_wasm.ts";

/** Code by the names of its files. */
type Modules = ReadonlyMap<string, string>;

/**
 * Bundles into a folder, parts that are loaded late as files of their own; gives the path of the
 * entry there. What a binary embeds is held in memory by each of its processes: bundled it is a
 * quarter of the whole packages.
 */
export async function bundleParts(entry: string, folder: string): Promise<string> {
  await bundle(entry, "--code-splitting", "--outdir", folder);
  const main = basename(entry).replace(/\.ts$/, ".js");
  const parts = new Map<string, string>();
  for await (const { name } of Deno.readDir(folder)) {
    parts.set(name, await Deno.readTextFile(`${folder}/${name}`));
    await Deno.remove(`${folder}/${name}`);
  }
  for (const [name, code] of await finish(numberParts(parts, main))) {
    await Deno.writeTextFile(`${folder}/${name}`, code);
    // The compiler embeds the time of each file.
    await Deno.utime(`${folder}/${name}`, 0, 0);
  }
  return `${folder}/${main}`;
}

/** Bundles the program into one module. @param output absolute path of the file */
export async function bundleModule(output: string): Promise<void> {
  await Deno.mkdir(dirname(output), { recursive: true });
  await bundle(`${ROOT}/main.ts`, "--output", output);
  const name = basename(output);
  const code = requireBuiltIns(await Deno.readTextFile(output));
  const finished = await finish(new Map([[name, code]]));
  await Deno.writeTextFile(output, finished.get(name) ?? "");
}

/**
 * Parts under numbers in the order in which they are first mentioned. The bundler puts a hash there, of
 * the paths at which this machine keeps packages too.
 */
function numberParts(parts: Modules, main: string): Modules {
  const named = /(?<=["'`]\.\/)([\w.]+)-[A-Z0-9]{8}\.js(?=["'`])/g;
  const names = new Map([[main, main]]);
  // Names that are added are gone through as well.
  for (const [before] of names) {
    for (const [found, stem] of (parts.get(before) ?? "").matchAll(named)) {
      if (!names.has(found)) names.set(found, `${stem}-${names.size}.js`);
    }
  }
  const lost = [...parts.keys()].find((name) => !names.has(name));
  if (lost !== undefined) throw new Error(`Cannot bundle: nothing mentions "${lost}"`);
  return new Map(
    [...names].map(([before, name]) => [
      name,
      (parts.get(before) ?? "").replace(named, (found) => names.get(found) ?? found),
    ]),
  );
}

/** What the bundler has made, small, and with a name that no other build has. */
async function finish(modules: Modules): Promise<Modules> {
  const hash = createHash("sha256");
  const small = new Map<string, string>();
  try {
    for (const [name, code] of [...modules].sort(([a], [b]) => a < b ? -1 : 1)) {
      small.set(name, await minify(packWasm(withoutPaths(code))));
      hash.update(`${small.get(name)}\n`);
    }
  } finally {
    await esbuild.stop();
  }
  const build = hash.digest("hex").slice(0, 16);
  return new Map(
    [...small].map((
      [name, code],
    ) => [name, code.replaceAll(JSON.stringify(BUILD), JSON.stringify(build))]),
  );
}

/** Modules of packages by their paths in their packages, not on this machine. */
function withoutPaths(code: string): string {
  return code.replace(/(?<=__(?:commonJS|esm)\(\{\s*")[^"]*\/npm\/[^/"]+\/(?=[^"]+"\()/g, "");
}

/**
 * The same code in fewer bytes. Names stay, since they are what a stack in the log is read by; it costs
 * 0.8 MB. What is not ASCII is escaped: V8 keeps all of a text with one such character in twice the
 * memory.
 */
async function minify(code: string): Promise<string> {
  const { code: small } = await esbuild.transform(code, {
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    target: "es2024",
    format: "esm",
    charset: "ascii",
  });
  // What is left stands in regular expressions, which esbuild leaves as they are.
  return small.replace(
    /[^\0-\x7F]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
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

if (import.meta.main) {
  const output = `${ROOT}/dist/kubecode.js`;
  await bundleModule(output);
  console.error(`Wrote ${output}: ${Math.round((await Deno.stat(output)).size / 1024)} KiB`);
}
