/**
 * Bundles what runs inside a sandbox child's worker into one text: the realm's own code (a script
 * evaluated in a fresh realm) within the worker's (a module started from a data: URL).
 */
import vm from "node:vm";
import * as esbuild from "esbuild";
import { type Generated, ROOT } from "./files.ts";

const SHARED: esbuild.BuildOptions = {
  bundle: true,
  write: false,
  minify: true,
  // Names of functions are shown in a script's error messages.
  keepNames: false,
  target: "es2024",
  legalComments: "none",
  absWorkingDir: ROOT,
  logLevel: "silent",
};

/** Makes `lib/eval/child/sandbox.generated.ts`. */
export async function bundleSandbox(): Promise<Generated> {
  try {
    const realm = await bundle({
      entryPoints: ["lib/eval/realm/main.ts"],
      format: "iife",
      globalName: "realm",
      platform: "neutral",
      banner: { js: `const {${globalNames().join(",")}}=globalThis;` },
    });
    const worker = await bundle({
      entryPoints: ["lib/eval/child/worker.ts"],
      format: "esm",
      platform: "node",
      define: { REALM_SOURCE: JSON.stringify(realm) },
      // A name of its own: the URL it runs from is its whole text.
      footer: { js: "//# sourceURL=worker" },
    });
    return {
      path: "lib/eval/child/sandbox.generated.ts",
      text:
        `/** Made by \`deno task generate\` from worker.ts and realm/; not committed. */\nexport const WORKER_SOURCE =\n  ${
          JSON.stringify(worker)
        };\n`,
    };
  } finally {
    await esbuild.stop();
  }
}

/**
 * The names of the built-ins, as a fresh realm has them: bound as constants before the bundle's first
 * line, so that a script which replaces a global hurts only itself.
 */
function globalNames(): string[] {
  const realm = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  const names = vm.runInContext("Object.getOwnPropertyNames(globalThis)", realm) as string[];
  // `eval` cannot be bound in strict code, and the constants of the language cannot be replaced.
  const fixed = ["eval", "globalThis", "undefined", "NaN", "Infinity"];
  return names.filter((name) => !fixed.includes(name)).sort();
}

async function bundle(options: esbuild.BuildOptions): Promise<string> {
  const built = await esbuild.build({ ...SHARED, ...options });
  const [file] = built.outputFiles ?? [];
  if (!file) throw new Error(`esbuild gave no output for ${String(options.entryPoints)}`);
  return file.text.trimEnd();
}
