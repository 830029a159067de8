/**
 * The reference that lists are measured against: one process that fetches the same list in one
 * request, parses it, and makes the same rows. Prints one JSON line for each round.
 *
 *     deno run -A tests/bench/plain_list.ts <server> <token> <ca file> <rounds>
 */
const [server = "", token = "", ca = "", rounds = "1"] = Deno.args;
const client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(ca)] });
const headers = { authorization: `Bearer ${token}`, accept: "application/json" };

interface Pod {
  metadata: { namespace: string; name: string };
  spec: { nodeName?: string };
  status: { phase: string; containerStatuses?: { restartCount: number }[] };
}

for (let round = 0; round < Number(rounds); round++) {
  const started = performance.now();
  const response = await fetch(`${server}/api/v1/pods`, { headers, client });
  const text = await response.text();
  const { items } = JSON.parse(text) as { items: Pod[] };
  const rows = items.map((pod) => [
    pod.metadata.namespace,
    pod.metadata.name,
    pod.status.phase,
    pod.spec.nodeName,
    (pod.status.containerStatuses ?? []).reduce((sum, one) => sum + one.restartCount, 0),
  ]);
  const ms = performance.now() - started;
  console.log(
    JSON.stringify({
      ms,
      rows: rows.length,
      bytes: text.length,
      result: JSON.stringify(rows).length,
    }),
  );
}
// Read by the bench as the peak of this process's memory.
console.log(JSON.stringify({ peakBytes: peak() }));
client.close();

function peak(): number {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return Deno.memoryUsage().rss;
  }
}
