/** Rows as an aligned text table: `table(rows, columns?)`, `console.table`. */
import { collected, isIterator, toPlain } from "./plain.ts";
import { nearPath } from "./near_paths.ts";
import { lastOf, pick } from "./paths.ts";
import { shown, usageError } from "../base/errors.ts";
import { exactField } from "../base/exact_numbers.ts";
import { stringifyExact } from "../../../std/json/exact.ts";
import { replaceAll } from "../../../std/regexp.ts";
import { copyOf, entriesOf, membersOf } from "../base/script_values.ts";

/** A cell that is longer does not widen its column: it alone stands out. */
const WIDEST = 60;

/** Where a column's cells come from. */
interface Column {
  readonly head: string;
  /** The path of its cells in each row, where there is one. */
  readonly path?: string;
  cell(row: Row): unknown;
}

interface Row {
  /** Under which it stands in what was given, where that is no list. */
  readonly key?: string;
  readonly value: unknown;
}

/**
 * A table of rows: a list of objects, arrays or values, a list of the API (its items), one in the
 * form of a table, an iteration, or an object, whose keys then begin each row.
 *
 * @param columns names or paths (`"metadata.name"`), or an object of headings, each with its path or a
 *   function of the row; for rows that are arrays, their headings. Left out: the keys that rows have,
 *   of API objects namespace and name
 * @param warn told of a path that no row has, where one is near to it
 * @returns the lines joined, cells two spaces apart, none at a line's end; `-` for what is not there
 */
export function tableText(
  given: unknown,
  columns?: unknown,
  warn?: (text: string) => void,
): string {
  const native = nativeTable(given, columns);
  const rows = native ? native.rows : rowsOf(given);
  if (rows.length === 0) return "(no rows)";
  const all = native ? native.columns : columnsOf(rows, columns);
  const heads = all.map(({ head }) => head);
  const values = rows.map((row) => all.map(({ cell }) => cell(row)));
  for (const [at, { path }] of all.entries()) {
    if (!warn || path === undefined || values.some((row) => row[at] !== undefined)) continue;
    const near = nearPath(rows.map(({ value }) => value), path);
    if (near !== undefined) warn(`No row has ${shown(path)}; did you mean ${shown(near)}?`);
  }
  const cells = values.map((row) => row.map(cellText));
  return aligned(heads.some((head) => head !== "") ? [heads, ...cells] : cells);
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map(() => 0);
  for (const cells of lines) {
    for (const [at, { length }] of cells.entries()) {
      if (length > widths[at]! && length <= WIDEST) widths[at] = length;
    }
  }
  return lines.map((cells) =>
    cells.map((cell, at) => at === cells.length - 1 ? cell : cell.padEnd(widths[at]!)).join("  ")
  ).join("\n");
}

function cellText(value: unknown): string {
  const plain = typeof value === "string" ? value : toPlain(value, true);
  if (plain === undefined || plain === null || plain === "") return "-";
  const text = typeof plain === "string" ? plain : stringifyExact(plain);
  // One row is one line, whatever a label or message holds.
  return replaceAll(text, /[\p{Cc}\u2028\u2029]+/gu, " ");
}

/** An API list in the form of a table, in the columns that kubectl shows or those that are named. */
function nativeTable(given: unknown, columns: unknown) {
  if (typeof given !== "object" || given === null) return undefined;
  const { columnDefinitions, rows, items } = given as Record<string, unknown>;
  if (!Array.isArray(columnDefinitions)) return undefined;
  const definitions = copyOf(columnDefinitions).map((definition) => {
    const { name, priority } = definition as { name: unknown; priority?: unknown };
    return { name: `${name}`, priority };
  });
  // A page of a table is an array of its rows.
  const list = copyOf(Array.isArray(rows) ? rows : Array.isArray(items) ? items : []) as TableRow[];
  const column = (index: number): Column => ({
    head: definitions[index]!.name,
    cell: ({ value }) => {
      const { cells } = value as TableRow;
      return cells && exactField(cells, `${index}`);
    },
  });
  const all = columns === undefined
    ? definitions.flatMap(({ priority }, at) => priority ? [] : [column(at)])
    : headings(columns).map((name) => column(columnAt(definitions, name)));
  const spread = list.some((row) => namespaceOf(row) !== namespaceOf(list[0]!));
  const namespace: Column = {
    head: "Namespace",
    cell: ({ value }) => namespaceOf(value as TableRow),
  };
  return {
    columns: spread && columns === undefined ? [namespace, ...all] : all,
    rows: list.map((value): Row => ({ value })),
  };
}

interface TableRow {
  readonly cells?: readonly unknown[];
  readonly object?: { readonly metadata?: { readonly namespace?: unknown } };
}

function namespaceOf({ object }: TableRow): unknown {
  return object?.metadata?.namespace;
}

function headings(columns: unknown): string[] {
  if (Array.isArray(columns)) return copyOf(columns).map((name) => `${name}`);
  throw badColumns(columns);
}

function columnAt(definitions: readonly { readonly name: string }[], wanted: string): number {
  const names = definitions.map(({ name }) => name);
  const at = names.findIndex((name) => name.toLowerCase() === wanted.toLowerCase());
  if (at >= 0) return at;
  throw usageError(
    "InputError",
    `Cannot make the table: no column "${wanted}"`,
    `Columns: ${names.join(", ")}.`,
  );
}

function badColumns(columns: unknown): Error {
  return usageError(
    "InputError",
    `Cannot use ${shown(columns)} as the columns of a table`,
    'Write table(rows, ["metadata.name", "spec.nodeName"]) or {name: "metadata.name", age: pod => …}.',
  );
}

function rowsOf(given: unknown): Row[] {
  if (given === undefined || given === null) return [];
  if (typeof given !== "object") return [{ value: given }];
  const { items } = given as { items?: unknown };
  const list = Array.isArray(items) ? items : isIterator(given) ? collected(given) : given;
  const { length } = list as { length?: unknown };
  if (Array.isArray(list) || typeof length === "number") {
    return copyOf(list as ArrayLike<unknown>).map((value) => ({ value }));
  }
  if (given instanceof Set) return membersOf(given).map((value) => ({ value }));
  if (given instanceof Map) {
    return entriesOf(given).map(([key, value]) => ({ key: `${key}`, value }));
  }
  if (isApiObject(given)) return [{ value: given }];
  const record = given as Record<string, unknown>;
  return Object.keys(given).map((key) => ({ key, value: record[key] }));
}

function isApiObject(value: unknown): boolean {
  const { metadata } = value as { metadata?: { name?: unknown } };
  return typeof metadata === "object" && metadata !== null && typeof metadata.name === "string";
}

function columnsOf(rows: readonly Row[], given: unknown): Column[] {
  const keys: Column[] = rows[0]!.key === undefined
    ? []
    : [{ head: "key", cell: ({ key }) => key }];
  if (Array.isArray(given)) {
    const paths = copyOf(given).map((path) => `${path}`);
    return [
      ...keys,
      ...paths.map((path, at) =>
        columnOf(
          lastOf(path),
          (value) => Array.isArray(value) ? exactField(value, `${at}`) : picked(value, path),
          path,
        )
      ),
    ];
  }
  if (given === undefined || given === null) {
    return [...keys, ...defaultColumns(rows, keys.length > 0)];
  }
  if (typeof given !== "object") throw badColumns(given);
  const columns = Object.keys(given).map((head) => {
    const from = (given as Record<string, unknown>)[head];
    if (typeof from === "function") return columnOf(head, (value) => from(value));
    if (typeof from === "string") return columnOf(head, (value) => picked(value, from), from);
    throw badColumns(given);
  });
  return [...keys, ...columns];
}

function columnOf(head: string, cell: (value: unknown) => unknown, path?: string): Column {
  return { head, cell: ({ value }) => cell(value), ...(path === undefined ? {} : { path }) };
}

/** The columns of what the rows have: members of arrays, values, and keys. */
function defaultColumns(rows: readonly Row[], keyed: boolean): Column[] {
  const paths = new Set<string>();
  let widest = 0;
  let plain = false;
  for (const { value } of rows) {
    if (Array.isArray(value)) widest = Math.max(widest, value.length);
    else if (!isRecord(value)) plain = true;
    else if (isApiObject(value)) {
      if (picked(value, "metadata.namespace") !== undefined) paths.add("metadata.namespace");
      paths.add("metadata.name");
    } else for (const key of Object.keys(value)) paths.add(key);
  }
  const columns = Array.from(
    { length: widest },
    (_, at) =>
      columnOf("", (value) => Array.isArray(value) ? exactField(value, `${at}`) : undefined),
  );
  if (plain) {
    const head = keyed || columns.length > 0 ? "value" : "";
    columns.push(columnOf(head, (value) => isRecord(value) ? undefined : value));
  }
  for (const path of paths) {
    const api = path === "metadata.namespace" || path === "metadata.name";
    columns.push(columnOf(
      api ? lastOf(path) : path,
      (value) => isRecord(value) && !Array.isArray(value) ? picked(value, path) : undefined,
    ));
  }
  return columns;
}

function picked(value: unknown, path: string): unknown {
  return pick(value, path, cellText);
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
