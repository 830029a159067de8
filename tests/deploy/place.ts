/** A namespace of its own for a test of the manifests, with the programs that people install by. */
import assert from "node:assert/strict";
import { ROOT } from "../../scripts/files.ts";
import { HELM, KUBECTL, realKubeconfig, uniqueName } from "../support/clusters.ts";
import { type Need, needs } from "../support/needs.ts";

/** The folder of the Helm chart. */
export const CHART = `${ROOT}/deploy/chart/kubecode`;
/** The folder of the kustomize base, components and overlays. */
export const KUSTOMIZE = `${ROOT}/deploy/kustomize`;

/** What a test is handed. */
export interface Place {
  /** It admits only pods that Pod Security calls restricted. */
  readonly namespace: string;
  /** A folder, removed afterwards. */
  readonly folder: string;
  /** Programs as the cluster's administrator: what they print; they fail with what they say. */
  kubectl(...args: readonly string[]): Promise<string>;
  helm(...args: readonly string[]): Promise<string>;
}

/** A program that has failed, with what it said. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}

/** Declares a test that needs a control plane. */
export function placeTest(
  fact: string,
  body: (place: Place) => Promise<void>,
  wanted: readonly Need[] = [],
): void {
  Deno.test(needs(["a control plane", ...wanted], fact), async () => {
    const folder = await Deno.makeTempDir();
    const namespace = uniqueName("deploy");
    const place: Place = {
      namespace,
      folder,
      kubectl: (...args) => run(KUBECTL, args, folder),
      helm: (...args) => run(HELM, args, folder),
    };
    const enforced = "pod-security.kubernetes.io/enforce=restricted";
    await place.kubectl("create", "namespace", namespace);
    try {
      await place.kubectl("label", "namespace", namespace, enforced);
      await body(place);
    } finally {
      // Of what belongs to no namespace too.
      const names = await place.kubectl(
        ...["get", "clusterroles,clusterrolebindings", "-o", "name"],
      );
      const left = names.split("\n").filter((name) => name.includes(`:${namespace}:`));
      if (left.length > 0) await place.kubectl("delete", "--wait=false", ...left);
      await place.kubectl("delete", "namespace", namespace, "--wait=false");
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function run(program: string, args: readonly string[], home: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: home, KUBECONFIG: realKubeconfig() },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new ProgramError(`${args.join(" ")}: ${text.decode(stderr)}${text.decode(stdout)}`);
}

/** Everything that an installation made, by kind and name; what the cluster adds is left out. */
export async function installed({ kubectl, namespace }: Place, release = "kubecode") {
  const kinds = [
    ...["configmap", "deployment", "horizontalpodautoscaler", "ingress", "networkpolicy"],
    ...["poddisruptionbudget", "role", "rolebinding", "secret", "service", "serviceaccount"],
    ...["clusterrole", "clusterrolebinding"],
  ];
  const found = await kubectl(
    ...["get", kinds.join(","), "-n", namespace, "-o", "name"],
    ...["-l", `app.kubernetes.io/instance=${release},app.kubernetes.io/name=kubecode`],
  );
  const names = found.split("\n").filter((name) => name !== "");
  return names.filter((name) => !/clusterrole/.test(name) || name.includes(`:${namespace}:`));
}

/** Fails unless a program fails and says something. */
export async function refuses(done: Promise<string>, said: RegExp): Promise<void> {
  await assert.rejects(done, (error) => {
    assert.ok(error instanceof ProgramError);
    assert.match(error.message, said);
    return true;
  });
}
