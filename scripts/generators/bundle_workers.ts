/**
 * Bundles what runs in workers, each into one text: modules that are started from data: URLs. In that of
 * the sandbox lies the realm's own code, a script that is evaluated in each fresh realm.
 */
import vm from "node:vm";
import * as esbuild from "esbuild";
import { UNUSED } from "../../lib/eval/realm/base/frozen_built_ins.ts";
import { type Generated, ROOT } from "../files.ts";

const SHARED: esbuild.BuildOptions = {
  bundle: true,
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
    });
    const worker = await bundle({
      entryPoints: ["lib/eval/child/worker.ts"],
      format: "esm",
      platform: "node",
      define: { REALM_SOURCE: JSON.stringify(bindGlobals(realm.text)) },
      // A name of its own: the URL it runs from is its whole text.
      footer: { js: "//# sourceURL=worker" },
    });
    const path = "lib/eval/child/sandbox.generated.ts";
    return {
      path,
      text: moduleOf("worker.ts and realm/", worker.text),
      inputs: [...realm.inputs, ...worker.inputs],
    };
  } finally {
    await esbuild.stop();
  }
}

/** Makes `lib/redact/aside_worker.generated.ts`. */
export async function bundleSearch(): Promise<Generated> {
  try {
    const worker = await bundle({
      entryPoints: ["lib/redact/aside_worker.ts"],
      format: "esm",
      platform: "node",
      // It searches here, not aside.
      external: ["./aside_worker.generated.ts"],
      footer: { js: "//# sourceURL=search" },
    });
    return {
      path: "lib/redact/aside_worker.generated.ts",
      text: moduleOf("aside_worker.ts", worker.text),
      inputs: worker.inputs,
    };
  } finally {
    await esbuild.stop();
  }
}

function moduleOf(source: string, worker: string): string {
  const head = `/** Made by \`deno task generate\` from ${source}; not committed. */`;
  return `${head}\nexport const WORKER_SOURCE =\n  ${JSON.stringify(worker)};\n`;
}

/**
 * Binds the built-ins that the bundle mentions as constants before its first line, so that a script
 * which replaces a global hurts only itself.
 *
 * @throws {Error} it mentions one of those that are not frozen
 */
function bindGlobals(bundled: string): string {
  const realm = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  const names = vm.runInContext("Object.getOwnPropertyNames(globalThis)", realm) as string[];
  const words = new Set(bundled.match(/[A-Za-z_$][\w$]*/g));
  const open = names.find((name) => UNUSED.has(name) && bundled.match(`\\b${name}\\.`));
  if (open !== undefined) throw new Error(`the realm uses ${open}, which is not frozen`);
  // `eval` cannot be bound in strict code, and the constants of the language cannot be replaced.
  const fixed = ["eval", "globalThis", "undefined", "NaN", "Infinity", ...UNUSED];
  const bound = names.filter((name) => words.has(name) && !fixed.includes(name)).sort();
  return `const {${bound.join(",")}}=globalThis;${bundled}`;
}

/** What a bundle is, and what it was made of. */
interface Bundle {
  readonly text: string;
  readonly inputs: readonly string[];
}

async function bundle(options: esbuild.BuildOptions): Promise<Bundle> {
  const { outputFiles: [file], metafile } = await esbuild.build({
    ...SHARED,
    ...options,
    write: false,
    metafile: true,
  });
  if (!file) throw new Error(`esbuild gave no output for ${String(options.entryPoints)}`);
  return { text: file.text.trimEnd(), inputs: Object.keys(metafile.inputs) };
}
