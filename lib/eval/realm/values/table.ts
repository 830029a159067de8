/** Rows as an aligned text table: `table(rows, columns?)`, `console.table`. */
import { collected, isIterator, toPlain } from "./plain.ts";
import { lastOf, pick } from "./paths.ts";
import { shown, usageError } from "../base/errors.ts";
import {
  append,
  isArray,
  keysOf,
  mapEach,
  replaceAll,
  safeMap,
  setEach,
  stringify,
  toLower,
} from "../base/primordials.ts";

/** A cell that is longer does not widen its column: it alone stands out. */
const WIDEST = 60;

/** Where a column's cells come from. */
interface Column {
  readonly head: string;
  cell(row: unknown): unknown;
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
 * @returns the lines joined, cells two spaces apart, none at a line's end; `-` for what is not there
 */
export function tableText(given: unknown, columns?: unknown): string {
  const native = nativeTable(given, columns);
  const rows = native ? native.rows : rowsOf(given);
  if (rows.length === 0) return "(no rows)";
  const all = native ? native.columns : columnsOf(rows, columns);
  const lines: string[][] = [];
  let headed = false;
  for (let at = 0; at < all.length; at++) if (all[at]!.head !== "") headed = true;
  if (headed) {
    const heads: string[] = [];
    for (let at = 0; at < all.length; at++) append(heads, all[at]!.head);
    append(lines, heads);
  }
  for (let at = 0; at < rows.length; at++) {
    const cells: string[] = [];
    for (let each = 0; each < all.length; each++) {
      append(cells, cellText(all[each]!.cell(native ? rows[at]!.value : rows[at])));
    }
    append(lines, cells);
  }
  return aligned(lines);
}

function aligned(lines: readonly string[][]): string {
  const widths: number[] = [];
  for (let at = 0; at < lines.length; at++) {
    const cells = lines[at]!;
    for (let each = 0; each < cells.length; each++) {
      const { length } = cells[each]!;
      if (each >= widths.length) append(widths, 0);
      if (length > widths[each]! && length <= WIDEST) widths[each] = length;
    }
  }
  let text = "";
  for (let at = 0; at < lines.length; at++) {
    const cells = lines[at]!;
    let line = "";
    let missing = 0;
    for (let each = 0; each < cells.length; each++) {
      if (each > 0) line += "  ";
      for (; missing > 0; missing--) line += " ";
      line += cells[each]!;
      missing = widths[each]! - cells[each]!.length;
    }
    text += at > 0 ? `\n${line}` : line;
  }
  return text;
}

function cellText(value: unknown): string {
  const plain = typeof value === "string" ? value : toPlain(value, true);
  if (plain === undefined || plain === null || plain === "") return "-";
  const text = typeof plain === "string" ? plain : stringify(plain);
  // One row is one line, whatever a label or message holds.
  return replaceAll(text, /[\p{Cc}\u2028\u2029]+/gu, " ");
}

/** An API list in the form of a table, in the columns that kubectl shows or those that are named. */
function nativeTable(given: unknown, columns: unknown) {
  if (typeof given !== "object" || given === null) return undefined;
  const { columnDefinitions, rows, items } = given as Record<string, unknown>;
  if (!isArray(columnDefinitions)) return undefined;
  const all: Column[] = [];
  // A page of a table is an array of its rows.
  const list = (isArray(rows) ? rows : isArray(items) ? items : []) as TableRow[];
  let spread = false;
  for (let at = 1; at < list.length; at++) {
    if (namespaceOf(list[at]!) !== namespaceOf(list[0]!)) spread = true;
  }
  if (spread && columns === undefined) {
    append(all, { head: "Namespace", cell: (row: unknown) => namespaceOf(row as TableRow) });
  }
  const wanted = columns === undefined ? undefined : headings(columns);
  for (let at = 0; at < (wanted ?? columnDefinitions).length; at++) {
    const index = wanted ? columnAt(columnDefinitions, wanted[at]!) : at;
    const { name, priority } = columnDefinitions[index] as { name: string; priority?: number };
    if (!wanted && priority) continue;
    append(all, { head: name, cell: (row: unknown) => (row as TableRow).cells?.[index] });
  }
  const values: Row[] = [];
  for (let at = 0; at < list.length; at++) append(values, { value: list[at] });
  return { columns: all, rows: values };
}

interface TableRow {
  readonly cells?: readonly unknown[];
  readonly object?: { readonly metadata?: { readonly namespace?: unknown } };
}

function namespaceOf({ object }: TableRow): unknown {
  return object?.metadata?.namespace;
}

function headings(columns: unknown): string[] {
  const names: string[] = [];
  if (isArray(columns)) {
    for (let at = 0; at < columns.length; at++) append(names, `${columns[at]}`);
    return names;
  }
  throw badColumns(columns);
}

function columnAt(definitions: readonly unknown[], name: string): number {
  let known = "";
  for (let at = 0; at < definitions.length; at++) {
    const column = (definitions[at] as { name: string }).name;
    if (toLower(column) === toLower(name)) return at;
    known += `${known && ", "}${column}`;
  }
  throw usageError(
    "InputError",
    `Cannot make the table: no column "${name}"`,
    `Columns: ${known}.`,
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
  const rows: Row[] = [];
  const add = (value: unknown) => append(rows, { value });
  if (given === undefined || given === null) return rows;
  if (typeof given !== "object") {
    add(given);
    return rows;
  }
  const { items, length } = given as { items?: unknown; length?: unknown };
  const list = isArray(items) ? items : isIterator(given) ? collected(given) : given;
  if (isArray(list) || typeof length === "number") {
    const members = list as readonly unknown[];
    for (let at = 0; at < members.length; at++) add(members[at]);
    return rows;
  }
  if (given instanceof Set) setEach(given, add);
  else if (given instanceof Map) {
    mapEach(given, (value, key) => append(rows, { key: `${key}`, value }));
  } else if (isApiObject(given)) add(given);
  else {
    const keys = keysOf(given);
    for (let at = 0; at < keys.length; at++) {
      append(rows, { key: keys[at]!, value: (given as Record<string, unknown>)[keys[at]!] });
    }
  }
  return rows;
}

function isApiObject(value: unknown): boolean {
  const { metadata } = value as { metadata?: { name?: unknown } };
  return typeof metadata === "object" && metadata !== null && typeof metadata.name === "string";
}

function columnsOf(rows: readonly Row[], given: unknown): Column[] {
  const columns: Column[] = [];
  if (rows[0]!.key !== undefined) {
    append(columns, { head: "key", cell: (row: unknown) => (row as Row).key });
  }
  const of = (head: string, cell: (value: unknown, row: unknown) => unknown) =>
    append(columns, { head, cell: (row: unknown) => cell((row as Row).value, row) });
  if (isArray(given)) {
    for (let at = 0; at < given.length; at++) {
      const path = `${given[at]}`;
      of(lastOf(path), (value) => isArray(value) ? value[at] : picked(value, path));
    }
    return columns;
  }
  if (given !== undefined && given !== null) {
    if (typeof given !== "object") throw badColumns(given);
    const heads = keysOf(given);
    for (let at = 0; at < heads.length; at++) {
      const from = (given as Record<string, unknown>)[heads[at]!];
      if (typeof from !== "function" && typeof from !== "string") throw badColumns(given);
      of(heads[at]!, (value) => typeof from === "function" ? from(value) : picked(value, from));
    }
    return columns;
  }
  return defaultColumns(rows, columns, of);
}

function defaultColumns(
  rows: readonly Row[],
  columns: Column[],
  of: (head: string, cell: (value: unknown) => unknown) => void,
): Column[] {
  const seen = safeMap<string, true>();
  let widest = 0;
  let plain = false;
  for (let at = 0; at < rows.length; at++) {
    const { value } = rows[at]!;
    if (isArray(value)) {
      if (value.length > widest) widest = value.length;
    } else if (typeof value !== "object" || value === null) plain = true;
    else if (isApiObject(value)) {
      if (picked(value, "metadata.namespace") !== undefined) seen.set("metadata.namespace", true);
      seen.set("metadata.name", true);
    } else {
      const keys = keysOf(value);
      for (let each = 0; each < keys.length; each++) seen.set(keys[each]!, true);
    }
  }
  for (let at = 0; at < widest; at++) of("", (value) => isArray(value) ? value[at] : undefined);
  if (plain) of(columns.length > 0 ? "value" : "", (value) => isRecord(value) ? undefined : value);
  const paths = seen.keys();
  for (let at = 0; at < paths.length; at++) {
    const path = paths[at]!;
    const api = path === "metadata.namespace" || path === "metadata.name";
    of(
      api ? lastOf(path) : path,
      (value) => isRecord(value) && !isArray(value) ? picked(value, path) : undefined,
    );
  }
  return columns;
}

function picked(value: unknown, path: string): unknown {
  return pick(value, path, cellText);
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
