/**
 * JSON as editors write it, with comments and trailing commas. Only the parser is the package's: its
 * edits take comments along.
 */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { ConfigFault, type Format, indentationAt, lineEndOf, placeOf } from "./format.ts";

/** The format. */
export const JSON_FORMAT: Format = {
  parse(text) {
    if (text.trim() === "") return {};
    try {
      // Most have no comments, and some are large.
      return JSON.parse(text);
    } catch {
      return getNodeValue(rootOf(text));
    }
  },

  set(text, key, name, entry) {
    if (text.trim() === "") {
      return `${text}${JSON.stringify({ [key]: { [name]: entry } }, null, 2)}\n`;
    }
    const root = objectOf(rootOf(text), "the file");
    const servers = memberOf(root, key);
    if (servers === undefined) return insert(text, root, key, { [name]: entry });
    const object = objectOf(servers, `"${key}"`);
    const there = memberOf(object, name);
    if (there === undefined) return insert(text, object, name, entry);
    const written = write(
      entry,
      indentationAt(text, there.offset),
      unitOf(text, root),
      lineEndOf(text),
    );
    return text.slice(0, there.offset) + written + text.slice(there.offset + there.length);
  },

  remove(text, key, name) {
    const root = rootOf(text);
    const object = findNodeAtLocation(root, [key]);
    const property = findNodeAtLocation(root, [key, name])?.parent;
    return object && property ? removeProperty(text, object, property) : text;
  },

  show: (_, name, entry) => `${JSON.stringify(name)}: ${JSON.stringify(entry, null, 2)}`,
};

function rootOf(text: string): Node {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { allowTrailingComma: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigFault("it is nested too deeply");
  }
  const [first] = errors;
  if (first !== undefined || root === undefined) {
    const problem = first ? printParseErrorCode(first.error) : "nothing is in it";
    throw new ConfigFault(`it is not valid JSON: ${problem}, ${placeOf(text, first?.offset ?? 0)}`);
  }
  return root;
}

function objectOf(node: Node, what: string): Node {
  if (node.type === "object") return node;
  throw new ConfigFault(`${what} must be an object, and is ${node.type}`);
}

function memberOf(object: Node, name: string): Node | undefined {
  const found = (object.children ?? []).filter(({ children }) => children?.[0]?.value === name);
  if (found.length > 1) throw new ConfigFault(`it has "${name}" twice`);
  return found[0]?.children?.[1];
}

/** By how much a level is indented: as the first member of the file is. */
function unitOf(text: string, root: Node): string {
  const [first] = root.children ?? [];
  const unit = first && /\n[ \t]*$/.test(text.slice(root.offset, first.offset))
    ? indentationAt(text, first.offset)
    : "";
  return unit === "" ? "  " : unit;
}

function write(value: unknown, indentation: string, unit: string, eol: string): string {
  return JSON.stringify(value, null, unit).replaceAll("\n", `${eol}${indentation}`);
}

/** Adds a member at the end of an object, in the way in which its others are written. */
function insert(text: string, object: Node, name: string, value: unknown): string {
  let root = object;
  while (root.parent) root = root.parent;
  const eol = lineEndOf(text);
  const unit = unitOf(text, root);
  const close = object.offset + object.length - 1;
  const last = object.children?.at(-1);
  if (last === undefined) {
    const outer = indentationAt(text, object.offset);
    const inside = text.slice(object.offset + 1, close).trimEnd();
    const member = `${JSON.stringify(name)}: ${write(value, outer + unit, unit, eol)}`;
    return text.slice(0, object.offset + 1) + inside + eol + outer + unit + member + eol + outer +
      text.slice(close);
  }
  const end = last.offset + last.length;
  const comma = commaAfter(text, end);
  const isInline = !text.slice(object.offset, last.offset).includes("\n");
  const inner = indentationAt(text, last.offset);
  const member = isInline
    ? ` ${JSON.stringify(name)}: ${JSON.stringify(value)}`
    : `${eol}${inner}${JSON.stringify(name)}: ${write(value, inner, unit, eol)}`;
  const from = comma === undefined ? end : comma + 1;
  // A comment that stands behind the last member stays on its line.
  const at = from + (isInline ? 0 : (COMMENT_TO_LINE_END.exec(text.slice(from))?.[0].length ?? 0));
  return text.slice(0, end) + (comma === undefined ? "," : "") + text.slice(end, at) + member +
    (comma === undefined ? "" : ",") + text.slice(at);
}

const COMMENT_TO_LINE_END =
  /^[ \t]*(?:\/\/[^\r\n]*|(?:\/\*(?:(?!\*\/)[^\r\n])*\*\/[ \t]*)+(?=\r?\n))/;

/** The comma that follows, past spaces and comments. */
function commaAfter(text: string, offset: number): number | undefined {
  const between = /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/.exec(text.slice(offset))?.[0].length ?? 0;
  return text[offset + between] === "," ? offset + between : undefined;
}

/** Takes a member out with the line that it began, and with one comma. */
function removeProperty(text: string, object: Node, property: Node): string {
  const all = object.children ?? [];
  const at = all.indexOf(property);
  const before = all[at - 1];
  let end = property.offset + property.length;
  const spaces = /(?:\r?\n)?[ \t]*$/.exec(text.slice(0, property.offset))?.[0].length ?? 0;
  let start = property.offset - spaces;
  const close = object.offset + object.length - 1;
  if (all.length === 1 && text.slice(object.offset + 1, start).trim() === "") {
    const rest = text.slice(end, close);
    if (/^\s*,?\s*$/.test(rest)) [start, end] = [object.offset + 1, close];
  }
  const own = end === close ? undefined : commaAfter(text, end);
  const comma = own ?? (before && commaAfter(text, before.offset + before.length));
  if (comma === undefined) return text.slice(0, start) + text.slice(end);
  return comma < start
    ? text.slice(0, comma) + text.slice(comma + 1, start) + text.slice(end)
    : text.slice(0, start) + text.slice(end, comma) + text.slice(comma + 1);
}
