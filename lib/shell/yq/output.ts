/** How yq writes what it gives. Pure. */
import { Document, isMap, isScalar, isSeq } from "yaml";
import { childrenOf, entriesOf, itemsOf, type Place, real, textOf } from "./nodes.ts";

/** How YAML is written. */
export interface YamlStyle {
  readonly indent?: number;
}

/** A value as YAML, a document of its own. */
export function yamlOf(place: Place, { indent = 2 }: YamlStyle): string {
  const document = new Document();
  document.contents = place.node as typeof document.contents;
  return document.toString({
    indent,
    lineWidth: 0,
    flowCollectionPadding: false,
    verifyAliasOrder: false,
    minContentWidth: 0,
  });
}

/** A value as JSON: numbers as they were written. @param indent 0 for one line */
export function jsonOf(place: Place, indent: number, ahead = ""): string {
  const node = real(place);
  if (isScalar(node)) {
    if (typeof node.value === "string") return JSON.stringify(node.value);
    const isNumber = typeof node.value === "number" || typeof node.value === "bigint";
    const written = isNumber && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(node.source ?? "");
    return written ? node.source ?? "" : String(node.value);
  }
  const inner = ahead + " ".repeat(indent);
  const [open, close] = isSeq(node) ? ["[", "]"] : ["{", "}"];
  const parts = isMap(node)
    ? entriesOf(place).map(({ key, place }) =>
      `${JSON.stringify(key)}:${indent > 0 ? " " : ""}${jsonOf(place, indent, inner)}`
    )
    : itemsOf(place).map((item) => jsonOf(item, indent, inner));
  if (parts.length === 0) return open + close;
  return indent > 0
    ? `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${ahead}${close}`
    : `${open}${parts.join(",")}${close}`;
}

/** A value as Java properties. */
export function propertiesOf(place: Place, path: readonly (string | number)[] = []): string {
  if (isScalar(real(place))) return `${path.join(".")} = ${textOf(real(place))}\n`;
  return childrenOf(place).map((each) => propertiesOf(each, [...path, each.path.at(-1) ?? ""]))
    .join("");
}
