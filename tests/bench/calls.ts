/** Small calls of one script: blocking and awaited, in a row and side by side, and a watch. */
import type { TestCluster } from "../cluster/cluster.ts";
import type { ServerUnderTest } from "../e2e/program.ts";
import { type Figure, percentile } from "./measure.ts";

const NAMESPACE = "bench-calls";
const CHANGES = 1_000;
const ROUNDS = 5;

/** What each script begins with; each prints the milliseconds that it took. */
const HEAD = `const cm = k8s.coreV1().configMaps("${NAMESPACE}"); cm.get("change-0");
  const one = (i) => cm.get("change-" + i); const t = Date.now();`;
const indexes = (count: number) => `[...Array(${count}).keys()]`;
const SCRIPTS = {
  blocking: `${HEAD} for (let i = 0; i < 100; i++) one(i); Date.now() - t`,
  awaited: `await 0; ${HEAD} for (let i = 0; i < 100; i++) await one(i); Date.now() - t`,
  row: `await 0; ${HEAD} for (let i = 0; i < 50; i++) await one(i); Date.now() - t`,
  together: `await 0; ${HEAD} await Promise.all(${indexes(50)}.map(one)); Date.now() - t`,
  hundred: `await 0; ${HEAD} await Promise.all(${indexes(100)}.map(one)); Date.now() - t`,
} as const;

/** Measures them, each beside plain fetches of one process. */
export async function calls(cluster: TestCluster, server: ServerUnderTest): Promise<Figure[]> {
  const { api } = cluster;
  await api.request("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
  });
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
  const { metadata } = await api.request<{ metadata: { resourceVersion: string } }>("GET", path);
  for (let at = 0; at < CHANGES; at += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, each) =>
      api.request("POST", path, {
        body: {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: `change-${at + each}` },
          data: { key: "value".repeat(20) },
        },
      })));
  }
  const version = metadata.resourceVersion;
  // The cluster's own config map may be among the changes: only ours count.
  const watched = `const t = Date.now(); let n = 0;
    for (const e of k8s.coreV1().configMaps("${NAMESPACE}").watch({resourceVersion: "${version}"}))
      if (e.object.metadata.name.startsWith("change-") && ++n === ${CHANGES}) break;
    Date.now() - t`;

  const samples: Record<string, number[]> = {};
  const add = (name: string, ms: number) => (samples[name] ??= []).push(ms);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, script] of Object.entries({ ...SCRIPTS, watched })) {
      const { text, isError } = await server.script(script);
      if (isError) throw new Error(`${name}: ${text}`);
      add(name, Number(text));
    }
    const plain = await plainCalls(cluster, path, version);
    for (const [name, ms] of Object.entries(plain)) add(name, ms);
  }
  // Another part asks which config maps nobody uses.
  await api.request("DELETE", path);
  const median = (name: string) => percentile(samples[name]!, 0.5);
  const figure = (what: string, name: string, reference: Figure["reference"], aim?: string) => ({
    what,
    value: median(name),
    unit: "ms" as const,
    reference,
    ...(aim ? { aim } : {}),
  });
  const inRow = { what: "100 plain fetches in a row", value: median("plainRow") };
  return [
    figure("100 gets, blocking, in a row", "blocking", inRow, "1000 ms"),
    figure("100 gets, awaited, in a row", "awaited", inRow, "1000 ms"),
    figure("100 gets, Promise.all", "hundred", {
      what: "100 plain fetches at once",
      value: median("plainTogether"),
    }, "1000 ms"),
    figure("50 gets, Promise.all", "together", {
      what: "the same 50 in a row, awaited",
      value: median("row"),
    }),
    figure(`watch of ${CHANGES} changes`, "watched", {
      what: "the same by plain fetch, lines parsed",
      value: median("plainWatch"),
    }),
  ];
}

/** The references, in a process of their own as the program is. */
async function plainCalls(cluster: TestCluster, path: string, version: string) {
  const script = new URL("./plain_calls.ts", import.meta.url).pathname;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      script,
      cluster.server + path,
      cluster.tokens.admin,
      cluster.ca,
      version,
      `${CHANGES}`,
    ],
  }).output();
  if (!success) throw new Error("the reference failed");
  return JSON.parse(new TextDecoder().decode(stdout)) as Record<string, number>;
}
