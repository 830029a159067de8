/**
 * Other clusters in one script: `k8s.contexts()`, and `k8s.context(name)`, which has all that `k8s`
 * has. Which names may be used is the broker's to say, at each call.
 */
import type { ContextEntry } from "../../../broker/types.ts";
import { withoutContext } from "../input/arguments.ts";
import { jsonDecoder } from "../calls/decoders.ts";
import { shown, usageError } from "../base/errors.ts";
import type { SdkParts } from "../verbs/sdk_types.ts";

/** The two functions, for one script; the same ones on each context's object. */
export function contextVerbs(parts: SdkParts, sdkOf: (parts: SdkParts) => object) {
  const made = new Map<string, object>();
  const all = () => ({ header: { op: "contexts" }, decoder: jsonDecoder() });
  const verbs = {
    contexts: () => parts.caller.invoke(all),
    context: (...args: unknown[]) => {
      const [name] = withoutContext(args, parts.ctx, 1);
      if (typeof name !== "string" || name === "") {
        throw usageError(
          "InputError",
          `Cannot use ${shown(name)} as a context: it is no name`,
          'Write k8s.context("<name>"); k8s.contexts() lists the names.',
        );
      }
      const known = made.get(name);
      if (known) return known;
      const caller = parts.caller.within(name);
      // Nothing is asked of the cluster yet: only whether the name may be used, and its namespace.
      const entry = (caller.block(all()) as ContextEntry[])[0]!;
      const sdk = sdkOf({
        ...parts,
        caller,
        namespace: entry.namespace,
        label: `k8s.context(${JSON.stringify(name)})`,
        where: ` (context ${JSON.stringify(name)})`,
      });
      made.set(name, sdk);
      return sdk;
    },
  };
  return {
    verbs,
    /** Names of those besides the current one. */
    others: () => {
      const entries = parts.caller.block(all()) as ContextEntry[];
      return entries.filter(({ current }) => !current).map(({ name }) => name);
    },
  };
}
