/**
 * Start to `initialize` and to the first answer, and the memory between the two: of the way that is
 * measured, of the bundle by `deno run`, and of a compiled program that does nothing, in turns.
 */
import type { TestCluster } from "../cluster/cluster.ts";
import { bundleModule } from "../../scripts/bundle.ts";
import { compile } from "../../scripts/compile.ts";
import { startServer, type Variant } from "../e2e/program.ts";
import { type Figure, percentile, treeMemory } from "./measure.ts";

const MB = 1024 * 1024;
const ROUNDS = 11;
/** Time after which a start is over, and its garbage collected. */
const SETTLED_MS = 500;
/** What the README has people give it. */
const FLAGS = ["--allow-env", "--allow-read", "--allow-net", "--allow-run"];

interface Samples {
  readonly startMs: number[];
  readonly firstMs: number[];
  readonly rssMb: number[];
}

const samples = (): Samples => ({ startMs: [], firstMs: [], rssMb: [] });

/** Measures. */
export async function starts(
  variant: Variant,
  { kubeconfig }: Pick<TestCluster, "kubeconfig">,
): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "kubecode-bench-" });
  try {
    const module = `${folder}/kubecode.js`;
    await bundleModule(module);
    const idle = await compile({
      entry: new URL("./idle.ts", import.meta.url).pathname,
      output: `${folder}/idle`,
      log: () => {},
    });
    const bundle: Variant = {
      name: "source",
      needs: [],
      command: Deno.execPath(),
      args: ["run", "--no-config", "--no-prompt", "--quiet", ...FLAGS, module],
    };
    const [own, run, empty] = [samples(), samples(), samples()];
    for (let round = 0; round < ROUNDS; round++) {
      await sampleServer(variant, kubeconfig, own);
      await sampleServer(bundle, kubeconfig, run);
      await sampleIdle(idle, empty);
    }
    const beside = (what: string, unit: Figure["unit"], of: (from: Samples) => number[]) => {
      const value = percentile(of(own), 0.5);
      return [["the bundle by deno run", run], ["an empty compiled program", empty]].flatMap(
        ([name, other]) => {
          const measured = percentile(of(other as Samples), 0.5);
          if (Number.isNaN(measured)) return [];
          return [{ what, value, unit, reference: { what: name as string, value: measured } }];
        },
      );
    };
    return [
      ...beside("start to initialize", "ms", ({ startMs }) => startMs),
      ...beside("resident before the first script", "MB", ({ rssMb }) => rssMb),
      ...beside("start to first result", "ms", ({ firstMs }) => firstMs),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function sampleServer(variant: Variant, kubeconfig: string, into: Samples): Promise<void> {
  const started = performance.now();
  await using server = await startServer(variant, ["--kubeconfig", kubeconfig]);
  into.startMs.push(performance.now() - started);
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  into.rssMb.push(treeMemory(server.pid).rssBytes / MB);
  const asked = performance.now();
  await server.script("1 + 1");
  into.firstMs.push(into.startMs.at(-1)! + performance.now() - asked);
}

async function sampleIdle(program: string, into: Samples): Promise<void> {
  const started = performance.now();
  const child = new Deno.Command(program, { stdin: "piped", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  into.startMs.push(performance.now() - started);
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  into.rssMb.push(treeMemory(child.pid).rssBytes / MB);
  await child.stdin.close();
  await reader.cancel();
  await child.status;
}
