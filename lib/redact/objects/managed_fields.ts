/**
 * Keys of managed fields (FieldsV1) that hold values: of list members `k:{"name":"web"}` has those of
 * their keys, and `v:"a"` is a member of a set. Pure.
 *
 * @see {@link https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/#fieldsv1-v1-meta}
 */
import { nameStrength } from "../detect/names.ts";
import { redactText } from "../detect/text.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { parseExact } from "../../std/json/exact.ts";

/** A key of FieldsV1. */
export type ManagedKey =
  | { readonly form: "field"; readonly name: string }
  | { readonly form: "member" | "value"; readonly value: unknown }
  | { readonly form: "other" };

/** Reads a key. */
export function managedKey(key: string): ManagedKey {
  if (key.startsWith("f:")) return { form: "field", name: key.slice(2) };
  const form = key.startsWith("k:{") ? "member" : key.startsWith("v:") ? "value" : "other";
  if (form === "other") return { form };
  try {
    return { form, value: parseExact(key.slice(2)) };
  } catch {
    return { form: "other" };
  }
}

/** Whether a key shows no value that might be hidden elsewhere, whatever stands around it. */
export function isPlainManagedKey(key: string): boolean {
  const read = managedKey(key);
  if (read.form === "value") return false;
  if (read.form !== "member" || !isRecord(read.value)) return true;
  return Object.entries(read.value).every(([name, value]) =>
    nameStrength(name) === "none" && name !== "value" && typeof value !== "object" &&
    redactText(String(value), () => "") === String(value)
  );
}
