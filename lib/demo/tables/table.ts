/**
 * Tables: what kubectl prints.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables}
 */
import type { KubeObject } from "../../kube/types.ts";
import { type Call, typed } from "../base/cluster.ts";
import { duration } from "../../printers/durations.ts";
import { columnOf, type PrintedColumn, printedOf } from "../../printers/columns.ts";
import { at, type JsonObject, listAt, textAt } from "../../std/json/at.ts";
import type { ResourceType } from "../base/api_resources.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { stringifyExact } from "../../std/json/exact.ts";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** A column as the API server describes it. */
function described({ name, type, isWide }: PrintedColumn): Column {
  const description = name === "Name"
    ? "Name must be unique within a namespace."
    : name === "Age"
    ? "CreationTimestamp is a timestamp representing the server time when this object was created."
    : name;
  const format = name === "Name" ? "name" : "";
  return { name, type, format, description, priority: isWide ? 1 : 0 };
}

/** The value that a printer column's JSONPath names: `.a.b`, `['c']`, `[0]`, `[?(@.type=="Ready")]`. */
function jsonPath(value: unknown, path: string): unknown {
  let current = value;
  for (const step of path.match(/\.?[^.[\]]+|\[[^\]]*\]/g) ?? []) {
    const filter = /^\[\?\(@\.(\w+)\s*==\s*["']([^"']*)["']\)\]$/.exec(step);
    if (filter) {
      const [, field = "", wanted] = filter;
      current = listAt(current).find((item) => textAt(item, field) === wanted);
    } else current = at(current, step.replace(/^\./, "").replace(/^\[['"]?|['"]?\]$/g, ""));
  }
  return current;
}

type Cells = (object: KubeObject, now: Date) => unknown[];

function plan(type: ResourceType): { columns: Column[]; cells: Cells } {
  const age = (object: KubeObject, now: Date) => duration(object.metadata?.creationTimestamp, now);
  const known = type.group === "metrics.k8s.io" ? undefined : printedOf(type.storageKey);
  if (known) return { columns: known.columns.map(described), cells: known.cells };
  const name = (object: KubeObject) => object.metadata?.name ?? "";
  const printed = listAt(type.custom?.version, "additionalPrinterColumns").filter(isRecord);
  if (!printed.length) {
    const head = type.group === "metrics.k8s.io" ? "Created At" : "Age";
    return {
      columns: ["Name", head].map(columnOf).map(described),
      cells: (object, now) => [
        name(object),
        head === "Age" ? age(object, now) : object.metadata?.creationTimestamp,
      ],
    };
  }
  return {
    columns: [
      described(columnOf("Name")),
      ...printed.map((column): Column => ({
        name: textAt(column, "name"),
        type: textAt(column, "type"),
        format: textAt(column, "format"),
        description: textAt(column, "description") ||
          `Custom resource definition column (in JSONPath format): ${textAt(column, "jsonPath")}`,
        priority: Number(column.priority ?? 0),
      })),
    ],
    cells: (object, now) => [
      name(object),
      ...printed.map((column) => {
        const value = jsonPath(object, textAt(column, "jsonPath"));
        if (value === undefined) return null;
        if (column.type === "date") return duration(String(value), now);
        return column.type === "string" && typeof value === "object"
          ? stringifyExact(value)
          : column.type === "string"
          ? String(value)
          : value;
      }),
    ],
  };
}

/** A `Table` of objects of one resource. */
export function tableOf(
  items: readonly KubeObject[],
  metadata: JsonObject,
  call: Call,
): JsonObject {
  const { columns, cells } = plan(call.type);
  const include = call.query.get("includeObject") || "Metadata";
  const now = call.cluster.now();
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: items.length === 1 && !("resourceVersion" in metadata)
      ? { resourceVersion: items[0]?.metadata?.resourceVersion }
      : metadata,
    columnDefinitions: columns,
    rows: items.map((item) => ({
      cells: cells(item, now),
      ...(include === "None" ? {} : {
        object: include === "Object" ? typed(item, call.type) : {
          kind: "PartialObjectMetadata",
          apiVersion: "meta.k8s.io/v1",
          metadata: item.metadata,
        },
      }),
    })),
  };
}
