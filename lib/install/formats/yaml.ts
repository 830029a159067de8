/**
 * YAML, by whole lines: an entry is added behind the last one of its map, and taken out with its
 * lines. What comes of it is parsed and compared (change.ts).
 */
import { isMap, isScalar, type Pair, parseAllDocuments, stringify, type YAMLMap } from "yaml";
import type { Entry } from "../entry.ts";
import { ConfigFault, type Format, lineEndOf } from "./format.ts";

/** The format. */
export const YAML_FORMAT: Format = {
  parse(text) {
    const document = documentOf(text);
    try {
      return document?.toJS() ?? {};
    } catch (error) {
      // Aliases of aliases, or a level in a level in a level.
      if (!(error instanceof ReferenceError || error instanceof RangeError)) throw error;
      throw new ConfigFault("it is not valid YAML: too much comes of its aliases");
    }
  },

  set(text, key, name, entry) {
    const eol = lineEndOf(text);
    const root = rootOf(text);
    const pair = root && pairOf(root, key);
    if (pair === undefined) {
      const indentation = root ? columnOf(text, root) : "";
      const lines = linesOf(`${key}:`, [], indentation) + linesOf(name, entry, `${indentation}  `);
      return `${text}${text === "" || text.endsWith("\n") ? "" : eol}${
        lines.replaceAll("\n", eol)
      }`;
    }
    const keyEnd = rangeOf(pair.key)[1];
    const outer = columnOf(text, root as YAMLMap);
    const { value } = pair;
    if (isMap(value) && value.flow && value.items.length > 0) {
      throw new ConfigFault(`"${key}" is written in braces: add the entry by hand`);
    }
    if (isMap(value) && !value.flow) {
      const inner = columnOf(text, value);
      const lines = linesOf(name, entry, inner).replaceAll("\n", eol);
      const there = pairOf(value, name);
      if (there) {
        const [start, end] = lineRange(text, there);
        return text.slice(0, start) + lines + text.slice(end);
      }
      const end = lineRange(text, value.items.at(-1) as Pair)[1];
      return text.slice(0, end) + (text[end - 1] === "\n" ? "" : eol) + lines + text.slice(end);
    }
    if (value !== null && !(isMap(value) || isScalar(value) && value.source === "")) {
      throw new ConfigFault(`"${key}" must be a map`);
    }
    // Nothing is behind the key, or empty braces.
    const lines = linesOf(name, entry, `${outer}  `).replaceAll("\n", eol);
    const colon = text.indexOf(":", keyEnd) + 1;
    const rest = isMap(value) ? text.slice(rangeOf(value)[1]) : text.slice(colon);
    const line = /^[^\r\n]*/.exec(rest)?.[0] ?? "";
    return text.slice(0, colon) + line.trimEnd() + eol + lines +
      rest.slice(line.length).replace(/^\r?\n/, "");
  },

  remove(text, key, name) {
    const servers = rootOf(text)?.get(key);
    const pair = isMap(servers) ? pairOf(servers, name) : undefined;
    if (!isMap(servers) || servers.flow || pair === undefined) {
      throw new ConfigFault(`"${key}" is written in braces: remove the entry by hand`);
    }
    const [start, end] = lineRange(text, pair);
    if (servers.items.length > 1) return text.slice(0, start) + text.slice(end);
    const colon = text.lastIndexOf(":", rangeOf(pair.key)[0]) + 1;
    return `${text.slice(0, colon)} {}${text.slice(colon, start)}${text.slice(end)}`;
  },

  show: (_, name, entry) => linesOf(name, entry, "").trimEnd(),
};

function documentOf(text: string) {
  const documents = parseAllDocuments(text, { uniqueKeys: true });
  const [document, more] = Array.isArray(documents) ? documents : [];
  if (more !== undefined) throw new ConfigFault("it has several documents");
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    const [problem = ""] = error.message.split("\n");
    throw new ConfigFault(`it is not valid YAML: ${problem.replace(/:$/, "")}`);
  }
  return document;
}

function rootOf(text: string): YAMLMap | undefined {
  const contents = documentOf(text)?.contents ?? undefined;
  if (contents === undefined || isScalar(contents) && contents.value === null) return undefined;
  if (!isMap(contents)) throw new ConfigFault("the file must be a map");
  if (contents.flow) throw new ConfigFault("the file is written in braces: add the entry by hand");
  return contents as unknown as YAMLMap;
}

function pairOf(map: { readonly items: readonly unknown[] }, name: string): Pair | undefined {
  return (map.items as readonly Pair[]).find(({ key }) => isScalar(key) && key.value === name);
}

function rangeOf(node: unknown): readonly [number, number, number] {
  return (node as { range?: readonly [number, number, number] } | null)?.range ?? [0, 0, 0];
}

/** The spaces before the keys of a map. */
function columnOf(text: string, map: { readonly items: readonly unknown[] }): string {
  const [start] = rangeOf((map.items[0] as Pair | undefined)?.key);
  return text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
}

/** From the start of the line of a key to the end of the last line of its value. */
function lineRange(text: string, { key, value }: Pair): [number, number] {
  const start = text.lastIndexOf("\n", rangeOf(key)[0] - 1) + 1;
  const end = Math.max(rangeOf(key)[1], rangeOf(value)[1]);
  if (text[end - 1] === "\n") return [start, end];
  const newline = text.indexOf("\n", end);
  return [start, newline < 0 ? text.length : newline + 1];
}

/** A key and its value as lines, each ended by `\n`. */
function linesOf(name: string, entry: Entry | readonly never[], indentation: string): string {
  const text = Array.isArray(entry) ? `${name}\n` : stringify({ [name]: entry }, { lineWidth: 0 });
  return text.replaceAll(/^(?=.)/gm, indentation);
}
