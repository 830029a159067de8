/** Results of scripts in the formats of `kubecode eval -o`. Pure. */
import type { ScriptResult } from "../eval/types.ts";
import { tableText } from "../eval/realm/values/table.ts";
import { InputError } from "../errors.ts";
import { toYaml } from "../yaml/yaml.ts";
import type { KubeObject } from "../kube/types.ts";
import { printedOfKind } from "../printers/columns.ts";
import { parseExact, stringifyExact } from "../std/json/exact.ts";
import { isRecord } from "../std/json/unknown.ts";
import { nearHint } from "../std/nearest.ts";
import { splitApiVersion } from "../names/groups.ts";

/** The formats. */
export const OUTPUT_FORMATS = ["json", "yaml", "table", "wide", "name"] as const;

/** One of the formats. */
export type Format = (typeof OUTPUT_FORMATS)[number];

/** @throws {InputError} there is no such format */
export function readFormat(given: string): Format {
  const format = OUTPUT_FORMATS.find((one) => one === given);
  if (format !== undefined) return format;
  throw new InputError(`Cannot print as "${given.slice(0, 60)}": there is no such format`, {
    hint: nearHint(given, OUTPUT_FORMATS) ?? `There are ${OUTPUT_FORMATS.join(", ")}.`,
  });
}

/**
 * A result as text: JSON indented for a person, compact for a pipe. A string is printed as it is, unless
 * JSON was asked for; where there is no value, JSON and YAML have null.
 *
 * @throws {InputError} names are wanted of what has none
 */
export function resultText(
  { type, text }: ScriptResult,
  format: Format | undefined,
  indented: boolean,
): string {
  if (type === "empty") return format === "json" || format === "yaml" ? "null" : "";
  if (type === "string") return format === "json" ? JSON.stringify(text) : text;
  if ((format ?? "json") === "json" && !indented) return text;
  const value = parseExact(text);
  switch (format) {
    case undefined:
    case "json":
      return stringifyExact(value, 2);
    case "yaml":
      return toYaml(value).trimEnd();
    case "name":
      return membersOf(value).map((member) => nameOf(member, value)).join("\n");
    default:
      return table(value, format === "wide");
  }
}

/** A value of the API's form for tables, as far as it is looked at. */
interface ApiTable {
  readonly columnDefinitions: readonly Record<string, unknown>[];
}

function table(value: unknown, wide: boolean): string {
  if (isRecord(value) && Array.isArray(value.columnDefinitions)) {
    const { columnDefinitions } = value as unknown as ApiTable;
    // Columns of another priority than 0 are those that only -o wide shows.
    const all = columnDefinitions.map((column) => ({ ...column, priority: 0 }));
    return tableText(wide ? { ...value, columnDefinitions: all } : value);
  }
  const members = membersOf(value);
  if (members.length === 0 || !members.every(isApiObject)) return tableText(value);
  const printed = printedTable(members, value, wide);
  if (printed !== undefined) return printed;
  const columns = wide ? { ...COLUMNS, ...WIDE_COLUMNS } : COLUMNS;
  const used = Object.entries(columns).filter(([head, cell]) =>
    head === "NAME" || members.some((member) => cell(member) !== undefined)
  );
  return tableText(members, Object.fromEntries(used));
}

/** As kubectl prints objects of one built-in kind; undefined for others. */
function printedTable(
  objects: readonly ApiObject[],
  list: unknown,
  wide: boolean,
): string | undefined {
  const [kind, ...others] = new Set(objects.map((one) => kindOf(one) ?? kindOf(list, /List$/)));
  const printed = kind === undefined || others.length > 0 ? undefined : printedOfKind(kind);
  if (printed === undefined) return undefined;
  const now = new Date();
  const line = (cells: readonly unknown[]) =>
    cells.filter((_, at) => wide || !printed.columns[at]?.isWide);
  const heads = line(printed.columns.map(({ name }) => name.toUpperCase()));
  const rows = objects.map((one) => line(printed.cells(one as KubeObject, now)));
  if (!objects.some(({ metadata }) => metadata.namespace !== undefined)) {
    return tableText(rows, heads);
  }
  return tableText(
    rows.map((row, at) => [objects[at]!.metadata.namespace, ...row]),
    ["NAMESPACE", ...heads],
  );
}

/** What is shown of other objects of the API; a column that none of them has is left out. */
const COLUMNS: Readonly<Record<string, (object: ApiObject) => unknown>> = {
  NAMESPACE: ({ metadata }) => metadata.namespace,
  NAME: ({ metadata }) => metadata.name,
  STATUS: ({ status }) => isRecord(status) ? status.phase : undefined,
  CREATED: ({ metadata }) => metadata.creationTimestamp,
};

const WIDE_COLUMNS: typeof COLUMNS = {
  NODE: ({ spec }) => isRecord(spec) ? spec.nodeName : undefined,
  LABELS: ({ metadata }) =>
    isRecord(metadata.labels)
      ? Object.entries(metadata.labels).map(([key, value]) => `${key}=${value}`).join(",")
      : undefined,
};

interface ApiObject {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec?: unknown;
  readonly status?: unknown;
}

function isApiObject(value: unknown): value is ApiObject {
  return isRecord(value) && isRecord(value.metadata) && typeof value.metadata.name === "string";
}

/** The objects of a list, the rows of a table, the members of an array; else the value alone. */
function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isRecord(value)) return [value];
  if (Array.isArray(value.items)) return value.items;
  if (!Array.isArray(value.rows) || !Array.isArray(value.columnDefinitions)) return [value];
  return value.rows.map((row) => isRecord(row) ? row.object : row);
}

/** `pod/web-0`, `deployment.apps/web` as kubectl writes it; the name alone where the kind is not known. */
function nameOf(member: unknown, list: unknown): string {
  if (typeof member === "string") return member;
  if (isApiObject(member)) {
    const kind = kindOf(member) ?? kindOf(list, /List$/);
    return `${kind === undefined ? "" : `${kind}/`}${member.metadata.name}`;
  }
  if (isRecord(member) && typeof member.name === "string") return member.name;
  throw new InputError("Cannot print names: the result is no object, and no list of objects", {
    hint: "Return objects, or strings, or rows with a name.",
  });
}

function kindOf(object: unknown, suffix: RegExp = /^$/): string | undefined {
  const { kind, apiVersion } = Object(object) as ApiObject;
  if (typeof kind !== "string" || kind === "PartialObjectMetadata") return undefined;
  const group = splitApiVersion(String(apiVersion))?.group ?? "";
  const singular = kind.replace(suffix, "").toLowerCase();
  return singular === "" ? undefined : `${singular}${group && `.${group}`}`;
}
