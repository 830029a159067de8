/** The columns that the API server prints of objects of the built-in kinds. Pure. */
import type { Columns } from "./cells.ts";
import { CLUSTER_COLUMNS } from "./cluster_columns.ts";
import { WORKLOAD_COLUMNS } from "./workload_columns.ts";

/** By the plural of the kind, and the group behind a dot. */
const COLUMNS: Readonly<Record<string, Columns>> = { ...WORKLOAD_COLUMNS, ...CLUSTER_COLUMNS };

/** A column: what it is called, and whether only wide tables have it. */
export interface PrintedColumn {
  readonly name: string;
  readonly isWide: boolean;
}

/** The columns of a kind, and the cells of its objects in their order. */
export interface Printed {
  readonly columns: readonly PrintedColumn[];
  readonly cells: Columns["cells"];
}

/**
 * How objects of a kind are printed; undefined for one of a definition.
 *
 * @param kind in lower case, with its group behind a dot: `pod`, `deployment.apps`
 */
export function printedOf(kind: string): Printed | undefined {
  const [, singular = "", group = ""] = /^([^.]*)(.*)$/.exec(kind)!;
  const plurals = [`${singular}s`, `${singular}es`, singular, singular.replace(/y$/, "ies")];
  const key = plurals.map((plural) => `${plural}${group === ".events.k8s.io" ? "" : group}`)
    .find((key) => Object.hasOwn(COLUMNS, key));
  if (key === undefined) return undefined;
  const { head, cells } = COLUMNS[key]!;
  const columns = head.split("|").map((text) => ({
    name: text.replace(/[#*?]+$/, ""),
    isWide: text.endsWith("*"),
  }));
  return { columns, cells };
}
