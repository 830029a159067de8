/** What is hidden whole: a Secret's data, and fields whose content is secret in any object. Pure. */
import { Buffer } from "node:buffer";
import { areCertificates } from "../detect/values.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { fieldSpot, memberSpot } from "./spots.ts";
import { below, keyName, tokenOf, type Walk, within } from "./walk.ts";

/** Fields whose content is secret in any object. */
export const SEALED = new Set(["stringData", "secureJsonData"]);

/** All that is in a Secret's data; in base64 the bytes count, so that `stringData` is equal to it. */
export function seal(walk: Walk, was: unknown, base64: boolean): unknown {
  if (was === null || was === "") return was;
  if (Array.isArray(was)) {
    const sealed = (one: unknown, at: number) =>
      within(walk, (outer) => memberSpot(outer, was, at), () => seal(walk, one, base64));
    return below(walk, () => was.map(sealed));
  }
  if (isRecord(was)) {
    const sealed = ([key, one]: [string, unknown]) =>
      within(
        walk,
        (outer) => fieldSpot(outer, key),
        () => [keyName(walk, key), seal(walk, one, base64)],
      );
    return below(walk, () => Object.fromEntries(Object.entries(was).map(sealed)));
  }
  const text = String(was);
  const bytes = base64 ? Buffer.from(text, "base64") : Buffer.from(text);
  // A server shows its certificate to everybody, and scripts need its expiry date.
  if (areCertificates(bytes.toString("latin1"))) return was;
  if (!base64) return tokenOf(walk, text);
  return tokenOf(walk, bytes.toString("base64") === text ? bytes : text);
}
