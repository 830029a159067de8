/** The rules that hold without a security file. */
import { PROGRAM_NAMES, type ProgramName } from "../../types.ts";
import type { Words } from "../words.ts";
import { readPattern } from "./pattern.ts";
import { namesObjects, objectsOf } from "./resources.ts";
import type { SecurityRules } from "./rules.ts";

const DANGEROUS: Readonly<Record<ProgramName, readonly string[]>> = {
  kubectl: ["delete", "drain", "replace --force", "exec", "port-forward", "cp"],
  helm: ["uninstall", "rollback", "upgrade"],
  istioctl: ["experimental", "proxy-config", "dashboard"],
  argocd: ["app delete", "app set", "cluster rm", "repo rm"],
};

/** What may be deleted by name. */
const DELETABLE = new Set(["configmaps", "deployments", "pods", "secrets", "services"]);

/** Programs that start others: what they start is not judged. */
const LAUNCHERS = new Set(
  "busybox chroot doas env find flock ionice nice nohup nsenter script setsid stdbuf su sudo time timeout toybox unshare watch xargs"
    .split(" "),
);

/** What a built-in rule does not refuse; a rule of the security file has no such exceptions. */
const EXCEPTIONS: Readonly<Record<string, (words: Words) => boolean>> = {
  "kubectl delete": deletesOneObject,
  "kubectl exec": executesNoShell,
};

let rules: SecurityRules | undefined;

/** The rules of all programs. */
export function builtInRules(): SecurityRules {
  rules ??= Object.fromEntries(PROGRAM_NAMES.map((program) => [program, {
    dangerous: DANGEROUS[program].map((text) => ({
      ...readPattern(program, `${program} ${text}`),
      except: EXCEPTIONS[`${program} ${text}`],
    })),
    safe: [],
    regex: [],
  }])) as unknown as SecurityRules;
  return rules;
}

/** `kubectl delete pod web`. */
function deletesOneObject(words: Words): boolean {
  if (words.verb.join(" ") !== "delete" || !namesObjects(words)) return false;
  const [object, ...others] = objectsOf(words) ?? [];
  const isWide = words.flags.some(({ name, value }) =>
    value !== "false" &&
    ["all", "all-namespaces", "field-selector", "selector"].includes(name)
  );
  return Boolean(object?.name) && others.length === 0 && !isWide &&
    DELETABLE.has(object?.resource ?? "");
}

/** `kubectl exec web -- ls`. */
function executesNoShell({ verb, args, dash }: Words): boolean {
  if (verb.join(" ") !== "exec") return false;
  const [program, ...rest] = args.slice(dash ?? 1);
  if (program === undefined) return false;
  const name = (program.split("/").at(-1) ?? "").toLowerCase();
  if (name === "env" && rest.length === 0) return true;
  return name !== "" && !name.endsWith("sh") && !LAUNCHERS.has(name);
}
