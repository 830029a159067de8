/** How verbs are called, and where they belong that are called on a resource that has them not. */
import { signatureOf } from "../../../sdk_guide/signatures.ts";

/** How a verb is called; undefined for what is none. */
export function usageOf(name: string): string | undefined {
  return signatureOf(name)?.text;
}

/** Where the verb of that name belongs; undefined where no resource has it. */
export function verbElsewhere(label: string, resource: string, name: string): string | undefined {
  const signature = signatureOf(name);
  if (signature === undefined) return undefined;
  const { of, at = "coreV1().pods(ns)", text } = signature;
  const have = of ? `${of.resources.join(", ")} have it` : "others have it";
  return `${resource} have no ${signature.name}; ${have}: ${label}.${at}.${text}.`;
}
