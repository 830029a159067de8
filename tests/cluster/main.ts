/** `deno task cluster`: starts a test cluster to play with, until Ctrl-C. */
import { startCluster } from "./cluster.ts";

if (import.meta.main) {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => stop.abort());
  }
  const started = performance.now();
  try {
    await using cluster = await startCluster({ signal: stop.signal });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.error(`Started in ${seconds} s: ${cluster.server}, programs in ${cluster.assets}`);
    console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
    console.error("Contexts: admin, token, nobody. Stop it and remove all of it: Ctrl-C");
    await new Promise<void>((resolve) => {
      if (stop.signal.aborted) resolve();
      else stop.signal.addEventListener("abort", () => resolve());
    });
  } catch (error) {
    if (!stop.signal.aborted) {
      console.error(error instanceof Error ? error.message : error);
      Deno.exit(1);
    }
  }
  Deno.exit(stop.signal.aborted ? 130 : 0);
}
