/** What redaction and audit add to a list, beside the same list with neither. */
import type { TestCluster } from "../cluster/cluster.ts";
import { startServer, type Variant } from "../e2e/program.ts";
import { KEEP_NONE } from "./lists_again.ts";
import { type Figure, percentile, timed } from "./measure.ts";

const ROUNDS = 7;
const PATIENCE_MS = 300_000;

/** Everything may be read as it is; the policy itself cannot be left out. */
const REVEALED = `policy:
  rules:
    - {name: all of it, effect: allow, groups: ["*"], resources: ["*"], reveal: true}
`;

/** @param script its text is the number of pods, of which there are `pods` */
export async function guards(
  variant: Variant,
  cluster: TestCluster,
  script: string,
  pods: number,
): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "kubecode-bench-" });
  await Deno.writeTextFile(`${folder}/revealed.yaml`, REVEALED);
  const start = (...args: string[]) =>
    startServer(variant, ["--kubeconfig", cluster.kubeconfig, ...KEEP_NONE, ...args]);
  try {
    await using guarded = await start("--audit", `${folder}/audit.jsonl`);
    await using bare = await start("--config", `${folder}/revealed.yaml`);
    const ways = [guarded, bare].map((server) => ({ server, ms: [] as number[] }));
    // The first round warms both up.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const { server, ms } of ways) {
        const took = await timed(async () => {
          const { text } = await server.script(script, PATIENCE_MS);
          if (Number(text) < pods) throw new Error(`the list came to ${text}`);
        });
        if (round > 0) ms.push(took);
      }
    }
    const [value, without] = ways.map(({ ms }) => percentile(ms, 0.5));
    return [{
      what: `${pods} pods to rows with redaction and audit, p50`,
      value: value!,
      unit: "ms",
      reference: { what: "the same revealed and without audit", value: without! },
      aim: "ratio 1.25",
    }];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
