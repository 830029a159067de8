/** kubectl over a cluster of the tests: what answers are checked against. */
import assert from "node:assert/strict";
import { startDemo } from "../../lib/demo/demo.ts";
import { loadKubeconfig } from "../../lib/kube/kubeconfig/load.ts";
import { resolveAccess } from "../../lib/kube/kubeconfig/access.ts";
import { KUBECTL, realKubeconfig, type TestTarget } from "../support/clusters.ts";

/** A cluster that kubectl reaches as well. */
export interface KubectlCluster extends AsyncDisposable {
  readonly target: TestTarget;
  readonly kubectl: Kubectl;
}

/** kubectl over one cluster. */
export interface Kubectl {
  /** Runs it with words (split at spaces) and further arguments: what it prints. */
  (words: string, ...args: readonly string[]): Promise<string>;
  /** The same without an assertion: whether it ended well. */
  succeeds(words: string): Promise<boolean>;
  /** The items of `get … -A -o json`. */
  // deno-lint-ignore no-explicit-any -- objects of any kind
  items(resource: string, ...args: readonly string[]): Promise<any[]>;
  /** The lines of `get … -A --no-headers`, as cells. */
  rows(resource: string, ...args: readonly string[]): Promise<string[][]>;
  /** Creates or changes objects. */
  apply(objects: readonly unknown[]): Promise<void>;
}

/** Both clusters; the real one is that of `deno task test`. */
export async function openCluster(name: TestTarget["name"]): Promise<KubectlCluster> {
  const folder = await Deno.makeTempDir({ prefix: "kubecode-tasks-" });
  const demo = name === "demo" ? await startDemo() : undefined;
  const kubeconfig = demo ? `${folder}/kubeconfig` : realKubeconfig();
  if (demo) await Deno.writeTextFile(kubeconfig, demo.kubeconfig);
  const loaded = await loadKubeconfig({ path: kubeconfig, env: () => undefined });
  const access = await resolveAccess(loaded);
  return {
    target: { name, open: () => Promise.resolve({ access, close: () => Promise.resolve() }) },
    kubectl: kubectlOver(kubeconfig, folder),
    async [Symbol.asyncDispose]() {
      await demo?.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** @param folder for its cache, and for manifests */
export function kubectlOver(kubeconfig: string, folder: string, program = KUBECTL): Kubectl {
  const output = async (words: string, args: readonly string[]) => {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args: [
        `--kubeconfig=${kubeconfig}`,
        `--cache-dir=${folder}/cache`,
        ...words.split(" "),
        ...args,
      ],
      stdin: "null",
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, text: decode(stdout), error: decode(stderr) };
  };
  const run = async (words: string, ...args: readonly string[]) => {
    const { success, text, error } = await output(words, args);
    assert.ok(success, `kubectl ${words}: ${error}`);
    return text;
  };
  return Object.assign(run, {
    succeeds: async (words: string) => (await output(words, [])).success,
    items: async (resource: string, ...args: readonly string[]) =>
      JSON.parse(await run(`get ${resource} -A -o json`, ...args)).items,
    rows: async (resource: string, ...args: readonly string[]) =>
      (await run(`get ${resource} -A --no-headers`, ...args)).split("\n").filter(Boolean)
        .map((line) => line.trim().split(/ {2,}/)),
    async apply(objects: readonly unknown[]) {
      const path = `${folder}/objects.json`;
      await Deno.writeTextFile(path, objects.map((each) => JSON.stringify(each)).join("\n"));
      await run("apply --server-side --force-conflicts -f", path);
    },
  });
}
