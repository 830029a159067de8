/** Selectors that would ask for what is hidden. */
import { PolicyError } from "../../errors.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { nameStrength } from "../../redact/detect/names.ts";

/**
 * A selector tells whether a value is the one that it names.
 *
 * @throws {PolicyError} it selects by what is redacted
 */
export function refuseProbes({ verb, resource, options }: ResourceRequest): void {
  for (const kind of ["labelSelector", "fieldSelector"] as const) {
    for (const part of String(options?.[kind] ?? "").split(/[,(]/)) {
      const [key = ""] = /^[\w./-]+/.exec(part.trim().replace(/^!/, "").trimStart()) ?? [];
      const strength = nameStrength(key.slice(key.lastIndexOf(".") + 1));
      const whole = nameStrength(key);
      const secret = [strength, whole].some((one) => one === "password" || one === "credential");
      if (!secret && !(kind === "fieldSelector" && /^(?:data|stringData)\b/.test(key))) continue;
      throw new PolicyError(
        `Cannot ${verb} ${resource.resource} by ${kind} "${key}": its values are redacted`,
        { hint: "Leave it out of the selector, and filter by what is not hidden." },
      );
    }
  }
}
