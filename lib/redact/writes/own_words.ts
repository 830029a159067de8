/**
 * What a writer writes where. Writers see their own words, and those words do not count as a hidden
 * value that has come to light; the same words at another place may. Pure.
 */

/** A place in an object: by keys and indices, and the same with members of lists by their name. */
export interface Place {
  readonly byIndex: string;
  readonly byName: string;
}

/** The top of an object. */
export const TOP: Place = { byIndex: "", byName: "" };

/** The children of a value, each with its place. */
export function* childrenOf(
  value: unknown,
  { byIndex, byName }: Place,
): Generator<{ readonly key: string | number; readonly child: unknown; readonly place: Place }> {
  if (Array.isArray(value)) {
    for (const [key, child] of value.entries()) {
      const name = (child as { name?: unknown } | null)?.name;
      const step = typeof name === "string" ? `[${name}]` : key;
      yield { key, child, place: { byIndex: `${byIndex}/${key}`, byName: `${byName}/${step}` } };
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      const step = key.replaceAll("~", "~0").replaceAll("/", "~1");
      yield { key, child, place: { byIndex: `${byIndex}/${step}`, byName: `${byName}/${step}` } };
    }
  }
}

/** The place of a key, where the place of its value is given. */
export function keyPlace({ byIndex, byName }: Place): Place {
  return { byIndex: `${byIndex}/\0`, byName: `${byName}/\0` };
}

/** Whether a text was written at a place. */
export type Written = (place: Place, text: string) => boolean;

/** What an object or a merge patch, laid over the object, writes. */
export function writtenBy(body: unknown): Written {
  const texts = new Map<string, string>();
  collect(body, TOP, ({ byName }, text) => texts.set(byName, text));
  return ({ byName }, text) => texts.get(byName) === text;
}

/**
 * What is left of what a JSON patch writes where it wrote it: later operations move and remove.
 *
 * @param raw the object before
 */
export function writtenByJsonPatch(patch: unknown, raw: unknown): Written {
  const texts = new Map<string, string>();
  const lengths = new Map<string, number>();
  const lengthOf = (list: string) => lengths.get(list) ?? lengthAt(raw, list);
  const forget = (path: string) => {
    for (const key of texts.keys()) {
      if (key === path || key.startsWith(`${path}/`)) texts.delete(key);
    }
  };
  /** A member of a list comes or goes: all behind it moves. */
  const shift = (path: string, by: 1 | -1) => {
    const { list, step } = lastStep(path);
    const length = lengthOf(list);
    if (length === undefined) return forget(path);
    const from = step === "-" ? length : Number(step);
    for (const key of texts.keys()) {
      if (!key.startsWith(`${list}/`)) continue;
      if (!(Number(key.slice(list.length + 1).split("/")[0]) < from)) texts.delete(key);
    }
    lengths.set(list, length + by);
  };
  for (const operation of Array.isArray(patch) ? patch : []) {
    const { op, value, ...pointers } = (operation ?? {}) as Record<string, unknown>;
    if (typeof pointers.path !== "string" || op === "test") continue;
    const path = pointerOf(pointers.path);
    if (op === "move" && typeof pointers.from === "string") shift(pointerOf(pointers.from), -1);
    if (op === "remove") shift(path, -1);
    else if (op === "replace") forget(path);
    else {
      const { list, step } = lastStep(path);
      const at = step === "-" ? `${list}/${lengthOf(list) ?? "-"}` : path;
      shift(path, 1);
      if (op === "add") collect(value, at, (place, text) => texts.set(place.byIndex, text));
    }
    if (op === "replace") collect(value, path, (place, text) => texts.set(place.byIndex, text));
  }
  return ({ byIndex }, text) => texts.get(byIndex) === text;
}

/**
 * What is shown of a value, with the words that its writer wrote at their place.
 *
 * @param shown the value as it is shown to anybody
 */
export function withWritten(raw: unknown, shown: unknown, written: Written, at = TOP): unknown {
  if (raw === shown) return shown;
  if (typeof raw === "string") return written(at, raw) ? raw : shown;
  const parts = [...childrenOf(raw, at)];
  const beside: readonly unknown[] = Array.isArray(shown) ? shown : Object.values(shown ?? {});
  const values = parts.map(({ child, place }, index) =>
    withWritten(child, beside[index], written, place)
  );
  if (Array.isArray(raw)) return values;
  if (parts.length === 0) return shown;
  const keys = Object.keys(shown as object);
  return Object.fromEntries(values.map((value, index) => [keys[index], value]));
}

function collect(
  value: unknown,
  at: Place | string,
  take: (place: Place, text: string) => void,
): void {
  const place = typeof at === "string" ? { byIndex: at, byName: at } : at;
  if (typeof value === "string" || typeof value === "number") return take(place, String(value));
  for (const { key, child, place: below } of childrenOf(value, place)) {
    if (typeof key === "string") take(keyPlace(below), key);
    collect(child, below, take);
  }
}

/** To the API server `x/data` is `/data`: what stands before the first slash is not looked at. */
function pointerOf(path: string): string {
  return path.replace(/^[^/]*/, "");
}

function lastStep(path: string): { readonly list: string; readonly step: string } {
  const slash = path.lastIndexOf("/");
  return { list: path.slice(0, Math.max(slash, 0)), step: path.slice(slash + 1) };
}

function lengthAt(raw: unknown, pointer: string): number | undefined {
  let value = raw;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return Array.isArray(value) ? value.length : undefined;
}
