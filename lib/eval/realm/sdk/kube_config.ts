/** client-node's `KubeConfig`, as far as there is anything left for it to do. */
import { caseless, fixedMembers } from "../base/caseless_object.ts";
import { usageError } from "../base/errors.ts";

/** Makes one: what it loads is loaded already, and its clients are those of the SDK. */
export function kubeConfig(label: string): object {
  const nothing = () => undefined;
  const members = fixedMembers({
    loadFromDefault: nothing,
    loadFromCluster: nothing,
    makeApiClient: (client: unknown) => {
      if (typeof client === "function") return (client as () => unknown)();
      throw usageError(
        "InputError",
        "Cannot make a client: it is none",
        `Write ${label}.coreV1(), ${label}.appsV1(); Object.keys(${label}) lists them.`,
      );
    },
  });
  return caseless(`${label}.KubeConfig`, {
    ...members,
    hint: () =>
      `${label} is connected already; ${label}.context("<name>") is another cluster of the kubeconfig.`,
  });
}
