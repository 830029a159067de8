/** The container that a request for a log or a command means, by the rules of the API server. */
import type { KubeObject } from "../../kube/types.ts";
import { listAt, textAt } from "../../std/json/at.ts";
import { badRequest } from "../base/status.ts";
import { isSidecar } from "../controllers/kubelet.ts";

/** A container of a pod. */
export interface PodContainer {
  readonly name: string;
  readonly image: string;
  /** It has run before the others, and is done. */
  readonly isDone: boolean;
  /** As it stands in the pod. */
  readonly spec: unknown;
}

/**
 * The container of that name; the pod's only one where none is named.
 *
 * @throws {StatusError} 400 for one that is not there, or where it is not clear which is meant
 */
export function containerOf(pod: KubeObject, asked: string | null): PodContainer {
  const own = listAt(pod, "spec", "containers");
  const init = listAt(pod, "spec", "initContainers");
  const names = (containers: readonly unknown[]) =>
    containers.map((one) => textAt(one, "name")).join(" ");
  const podName = pod.metadata?.name;
  if (!asked && own.length > 1) {
    throw badRequest(
      `a container name must be specified for pod ${podName}, choose one of: [${names(own)}]${
        init.length > 0 ? ` or one of the init containers: [${names(init)}]` : ""
      }`,
    );
  }
  const spec = asked ? [...own, ...init].find((one) => textAt(one, "name") === asked) : own[0];
  if (spec === undefined) throw badRequest(`container ${asked} is not valid for pod ${podName}`);
  return {
    name: textAt(spec, "name"),
    image: textAt(spec, "image"),
    isDone: init.includes(spec) && !isSidecar(spec),
    spec,
  };
}
