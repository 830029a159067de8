/** Text that is put into a script beside nodes of its syntax tree. Pure. */
import type { Node } from "acorn";
import type { Insertion } from "../realm/base/host.ts";

/** A node, of whatever type. */
export interface AnyNode extends Node {
  readonly [key: string]: unknown;
}

/** Whether something is one. */
export function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

/** A text, and where it goes. */
export interface Edit {
  readonly at: number;
  readonly edge: "start" | "end";
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** Puts a text before a node or behind it. */
export function insert(edits: Edit[], node: AnyNode, edge: "start" | "end", text: string): void {
  const place = node.loc?.[edge];
  edits.push({
    at: edge === "start" ? node.start : node.end,
    edge,
    text,
    line: place?.line ?? 1,
    column: place?.column ?? 0,
  });
}

/** The script with all texts in it, and where they are. */
export function applyEdits(
  script: string,
  edits: readonly Edit[],
): { readonly code: string; readonly insertions: readonly Insertion[] } {
  // At one place ends come before starts, ends from the inside out, starts from the outside in.
  const sorted = edits.map((edit, order) => ({ ...edit, order })).sort((a, b) => {
    if (a.at !== b.at) return a.at - b.at;
    if (a.edge !== b.edge) return a.edge === "end" ? -1 : 1;
    return a.edge === "end" ? b.order - a.order : a.order - b.order;
  });
  let code = "";
  let from = 0;
  for (const edit of sorted) {
    code += script.slice(from, edit.at) + edit.text;
    from = edit.at;
  }
  code += script.slice(from);
  const insertions = sorted.map(({ line, column, text }) => ({
    line,
    column,
    length: text.length,
  }));
  return { code, insertions };
}
