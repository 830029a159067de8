/**
 * Bundles the worker that runs command lines, with the interpreter (just-bash) and jq in it. What the
 * interpreter can do beyond that is cut out here, so that no fault of its own could lead there: the
 * machine's files, the network, other languages' runtimes, and every module of Node's.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { type Generated, ROOT } from "../files.ts";

/** Commands of the package that are loaded by files of these names, and are not offered. */
const CUT_COMMANDS = (
  "undici js-exec python3 sqlite3 curl html-to-markdown tar xan rg file flag-coverage bash gzip split " +
  "strings ln chmod du hostname whoami history alias clear env timeout help which time tree find od " +
  "stat jq yq sort uniq wc head tail cut paste column xargs grep tr ls diff"
).split(" ");
const CUT = new RegExp(`^\\./(chunks/)?(${CUT_COMMANDS.join("|")})-[A-Z0-9]{8}\\.js$`);

/** Packages that only what is cut out would use, and the modules of Node. */
const ABSENT =
  /^(node:.*|turndown|sql\.js|quickjs-emscripten|@mongodb-js\/zstd|node-liblzma|seek-bzip)$/;

/** Where packages have their builds for places without files, from their usual ones. */
const BARE: Readonly<Record<string, (found: string) => string>> = {
  "jq-wasm": (found) => found.replace(/index\.mjs$/, "edge.mjs"),
  yaml: (found) => found.replace(/dist\/index\.js$/, "browser/index.js"),
};

/** What is there instead: each chunk of the package asks for a `require` that it then does not use. */
const NOTHING =
  `exports.createRequire = () => (name) => { throw new Error("no module " + name); };`;

/**
 * Changes to jq's glue, which is made for one JSON text and gives trimmed text: command lines need its
 * standard input and output as bytes, files and the environment. Each must be found once.
 */
const JQ_CHANGES: readonly (readonly [from: string, to: string])[] = [
  [
    "return decoder.decode(bytes.subarray(0, length));",
    "return bytes.slice(0, length);",
  ],
  [
    "stdout: stdoutSink.toString().trim(), stderr: stderrSink.toString().trim(), exitCode",
    "stdout: stdoutSink.toString(), stderr: stderrSink.toString(), exitCode",
  ],
  [
    "rawSync(jsonString, query, flags = []) {",
    // Files in the place of its terminals, which take a call for each byte.
    `run(args, stdin, prepare) {
      prepare(FS);
      FS.writeFile("/.stdin", stdin);
      const files = ["/.stdin", "/.stdout", "/.stderr"];
      for (const fd of [0, 1, 2]) {
        FS.close(FS.getStream(fd));
        FS.open(files[fd], fd === 0 ? "r" : "w+");
      }
      const { exitCode } = executeJq(args);
      return { exitCode, stdout: FS.readFile("/.stdout"), stderr: FS.readFile("/.stderr") };
    },
    rawSync(jsonString, query, flags = []) {`,
  ],
  ["}, preRun() {", "}, preRun() { Object.assign(ENV, Module.environment);"],
  [
    "instantiateWasm: moduleHook(mod, reject)",
    "instantiateWasm: moduleHook(mod, reject), environment: options.environment",
  ],
  ["function createHandle(instance) {", "function createHandle(instance) { return instance;"],
];

/** Makes `lib/shell/child/shell.generated.ts`. */
export async function bundleShell(): Promise<Generated> {
  try {
    const { outputFiles, metafile } = await esbuild.build({
      entryPoints: ["lib/shell/child/worker.ts"],
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      // A script, not a module: its text goes to the worker as a message (startWorkerOf).
      format: "iife",
      define: { "import.meta.url": '"shell"' },
      platform: "node",
      target: "es2024",
      legalComments: "none",
      absWorkingDir: ROOT,
      logLevel: "silent",
      loader: { ".wasm": "binary" },
      footer: { js: "//# sourceURL=shell" },
      plugins: [packages()],
    });
    const [file] = outputFiles ?? [];
    if (!file) throw new Error("esbuild gave no output for the shell");
    const packed = gzipSync(file.text.trimEnd(), { level: 9 }).toString("base64");
    const head = "/** Made by `deno task generate` from worker.ts; not committed. Compressed. */";
    return {
      path: "lib/shell/child/shell.generated.ts",
      text: `${head}\nexport const PACKED_WORKER_SOURCE =\n  "${packed}";\n`,
      inputs: Object.keys(metafile.inputs),
    };
  } finally {
    await esbuild.stop();
  }
}

/** Finds the packages where Deno keeps them, without what is cut out. */
function packages(): esbuild.Plugin {
  return {
    name: "packages",
    setup(build) {
      const cut = ({ path }: { path: string }) => ({ path, namespace: "cut" });
      build.onResolve({ filter: CUT }, cut);
      build.onResolve({ filter: ABSENT }, cut);
      build.onLoad({ filter: /.*/, namespace: "cut" }, () => ({ contents: NOTHING }));
      build.onResolve({ filter: /^(@|[a-z])[^:]*$/ }, ({ path, importer }) => {
        if (!importer.startsWith(`${ROOT}/`)) {
          return { path: createRequire(importer).resolve(path) };
        }
        const found = fileURLToPath(import.meta.resolve(path));
        return { path: BARE[path]?.(found) ?? found };
      });
      build.onLoad({ filter: /jq-wasm\/.*\/dist\/chunk-[A-Z0-9]+\.mjs$/ }, async ({ path }) => {
        let contents = await Deno.readTextFile(path);
        for (const [from, to] of JQ_CHANGES) {
          const pattern = new RegExp(
            from.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, "\\s+"),
            "g",
          );
          if (contents.match(pattern)?.length !== 1) {
            throw new Error(`Cannot bundle jq: its glue has changed, no "${from}"`);
          }
          contents = contents.replace(pattern, () => to);
        }
        return { contents, loader: "js" };
      });
    },
  };
}
