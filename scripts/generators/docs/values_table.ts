/** The table of the chart's values, made from the comments of its values.yaml. */
import { isMap, isScalar, parseDocument, type YAMLMap } from "yaml";
import { ROOT } from "../../files.ts";
import { code, table } from "./markdown.ts";

/**
 * A row for each value that somebody sets.
 *
 * @throws {Error} a value without a comment above it
 */
export async function valuesTable(): Promise<string> {
  const text = await Deno.readTextFile(`${ROOT}/deploy/chart/kubecode/values.yaml`);
  const values = parseDocument(text).contents;
  if (!isMap(values)) throw new Error("Cannot read values.yaml: it is no map");
  return table(["value", "default", "meaning"], rows(values as YAMLMap, ""));
}

function rows(map: YAMLMap, path: string): string[][] {
  let first = true;
  return map.items.flatMap(({ key, value }) => {
    if (!isScalar(key)) throw new Error(`Cannot read values.yaml: a key of ${path || "it"}`);
    const name = `${path}${key.value}`;
    // The comment of a map's first key stands at the map.
    const comment = (first ? map.commentBefore : undefined) ?? key.commentBefore;
    first = false;
    if (isMap(value) && value.items.length > 0 && comment === undefined) {
      return rows(value as YAMLMap, `${name}.`);
    }
    const meaning = comment?.split("\n\n").at(-1)?.replaceAll(/\s*\n\s*/g, " ").trim();
    if (!meaning) throw new Error(`Cannot tell of ${name}: no comment stands above it`);
    return [[code(name), code(standard(value)), meaning]];
  });
}

/** A default as one writes it with --set-json; longer ones are in the file. */
function standard(value: unknown): string | undefined {
  const text = JSON.stringify(isScalar(value) || isMap(value) ? value.toJSON() : value);
  return text === '""' || text === undefined ? undefined : text;
}
