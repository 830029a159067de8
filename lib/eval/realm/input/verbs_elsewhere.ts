/** Verbs that other resources have: what is said where one is called on a resource that has it not. */
import { signatureOf } from "../../../sdk_guide/signatures.ts";

/** Where the verb of that name belongs; undefined where no resource has it. */
export function verbElsewhere(label: string, resource: string, name: string): string | undefined {
  const signature = signatureOf(name);
  if (signature === undefined) return undefined;
  const { of, at = "coreV1().pods(ns)", text } = signature;
  const have = of ? `${of.resources.join(", ")} have it` : "others have it";
  return `${resource} have no ${signature.name}; ${have}: ${label}.${at}.${text}.`;
}
