/** The columns that the API server prints of objects of the built-in kinds. Pure. */
import type { Columns } from "./cells.ts";
import { CLUSTER_COLUMNS } from "./cluster_columns.ts";
import { WORKLOAD_COLUMNS } from "./workload_columns.ts";

/** By the plural of the kind, and the group behind a dot. */
const COLUMNS: Readonly<Record<string, Columns>> = { ...WORKLOAD_COLUMNS, ...CLUSTER_COLUMNS };

/**
 * A column of a head: `Name`, `Desired#` (an integer), `Suspend?` (a boolean), `Created At` (a date), `IP*`
 * (in wide tables only).
 */
export interface PrintedColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "date";
  readonly isWide: boolean;
}

/** The columns of a kind, and the cells of its objects in their order. */
export interface Printed {
  readonly columns: readonly PrintedColumn[];
  readonly cells: Columns["cells"];
}

/**
 * How objects of a resource are printed; undefined for one of a definition.
 *
 * @param resource its plural, with its group behind a dot: `pods`, `deployments.apps`
 */
export function printedOf(resource: string): Printed | undefined {
  if (!Object.hasOwn(COLUMNS, resource)) return undefined;
  const { head, cells } = COLUMNS[resource]!;
  return { columns: head.split("|").map(columnOf), cells };
}

/** The same by a kind in lower case, with its group behind a dot: `pod`, `deployment.apps`. */
export function printedOfKind(kind: string): Printed | undefined {
  const [, singular = "", group = ""] = /^([^.]*)(.*)$/.exec(kind)!;
  const place = group === ".events.k8s.io" ? "" : group;
  for (const plural of [`${singular}s`, `${singular}es`, singular, singular.replace(/y$/, "ies")]) {
    const printed = printedOf(`${plural}${place}`);
    if (printed) return printed;
  }
  return undefined;
}

/** Reads a column of a head. */
export function columnOf(text: string): PrintedColumn {
  return {
    name: text.replace(/[#*?]+$/, ""),
    type: text === "Created At"
      ? "date"
      : text.includes("#")
      ? "integer"
      : text.includes("?")
      ? "boolean"
      : "string",
    isWide: text.endsWith("*"),
  };
}
