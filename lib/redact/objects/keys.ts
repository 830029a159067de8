/** What the keys of objects mean to the pass of json_bytes.ts, which looks up a hundred for each object of a list. */
import { nameStrength } from "../detect/names.ts";
import { patternSpans } from "../detect/patterns.ts";
import { isPlainManagedKey } from "./managed_fields.ts";
import { SEALED } from "./sealed.ts";
import { KEPT_LENGTH, type Key } from "./words.ts";

const ROLES: Readonly<Record<string, Key["role"]>> = {
  kind: "kind",
  data: "data",
  name: "name",
  key: "key",
  value: "value",
  items: "items",
  object: "object",
  continue: "continue",
  columnDefinitions: "table",
  ...Object.fromEntries([...SEALED].map((name) => [name, "sealed" as const])),
};

const KEY_CACHE_ENTRIES = 20_000;
const keys = new Map<string, Key>();
/** Where there is none. */
export const NO_KEY: Key = { role: "", strength: "none", credential: false };

/** What a key means. */
export function keyOf(name: string): Key {
  if (name.length > KEPT_LENGTH) return judged(name);
  let known = keys.get(name);
  if (known === undefined) {
    known = judged(name);
    if (keys.size >= KEY_CACHE_ENTRIES) keys.clear();
    keys.set(name, known);
  }
  return known;
}

function judged(name: string): Key {
  const strength = nameStrength(name);
  return {
    role: Object.hasOwn(ROLES, name) ? ROLES[name]! : "",
    strength,
    elements: { ...NO_KEY, strength },
    credential: (name.length >= 12 && patternSpans(name).length > 0) || !isPlainManagedKey(name),
  };
}
