/** Functions of yq about a node itself: its place, tag, style and comments, and its document. */
import { isMap, isSeq, type Node, Scalar, visit, YAMLMap } from "yaml";
import { type Function, type Functions, listOf, value } from "./function.ts";
import {
  apart,
  copyOf,
  entriesOf,
  itemsOf,
  loose,
  nodeOf,
  type Place,
  real,
  tagOf,
  textOf,
} from "./nodes.ts";

const STYLES: Readonly<Record<string, string>> = {
  double: "QUOTE_DOUBLE",
  single: "QUOTE_SINGLE",
  literal: "BLOCK_LITERAL",
  folded: "BLOCK_FOLDED",
  "": "PLAIN",
};

/** By name. */
export const NODE_FUNCTIONS: Functions = {
  key: value(({ path }) => path.at(-1) ?? null),
  path: value(({ path }) => path),
  tag: property(
    (node) => node.tag ?? tagOf({ node } as Place),
    (node, tag) => void (node.tag = tag),
  ),
  type: value((place) => tagOf(place)),
  kind: value((place) => ({ "!!map": "map", "!!seq": "seq" })[tagOf(place)] ?? "scalar"),
  style: property(() => "", setStyle),
  anchor: property((node) => "anchor" in node ? String(node.anchor ?? "") : "", () => {}),
  linecomment: property((node) => node.comment?.trim() ?? "", (node, comment) => {
    node.comment = comment === "" ? null : ` ${comment}`;
  }),
  headcomment: property((node) => node.commentBefore?.trim() ?? "", (node, comment) => {
    node.commentBefore = comment === "" ? null : ` ${comment}`;
  }),
  footcomment: property(() => "", () => {}),
  explode: (place) => [explode(place)],
  documentindex: documentIndex,
  di: documentIndex,
  fileindex: value(({ document }) => document.fileIndex),
  fi: value(({ document }) => document.fileIndex),
  filename: value(({ document }) => document.file),
};

function documentIndex(place: Place): Place[] {
  return [apart(nodeOf(place.document.index), place)];
}

/** A property of a node that can be read and set. */
function property(
  read: (node: Node) => string,
  write: (node: Node, value: string) => void,
): Function {
  return (place) => {
    const found = loose(new Scalar(read(place.node)), place);
    return [{ ...found, set: (node) => write(place.node, textOf(node)) }];
  };
}

function setStyle(node: Node, style: string): void {
  visit(node, {
    Collection: (_, collection) => void (collection.flow = style === "flow"),
    Scalar(key, scalar) {
      if (key === "key" || style === "flow") return;
      // A number that is quoted is a text.
      if (style !== "") scalar.value = textOf(scalar);
      scalar.type = STYLES[style] as Scalar.Type;
    },
  });
}

/** A copy in which nothing stands for something elsewhere. */
function explode(place: Place): Place {
  const node = real(place);
  if (isSeq(node)) return listOf(itemsOf(place).map(explode), place);
  if (!isMap(node)) return place;
  const map = new YAMLMap();
  for (const { key, keyNode, place: entry } of entriesOf(place)) {
    if (key !== "<<") map.set(copyOf(keyNode), explode(entry).node);
    else {
      for (const source of isSeq(real(entry)) ? itemsOf(entry) : [entry]) {
        for (const merged of entriesOf(source)) {
          if (!map.has(merged.key)) map.set(copyOf(merged.keyNode), explode(merged.place).node);
        }
      }
    }
  }
  return loose(map, place);
}
