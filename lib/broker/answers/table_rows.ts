/**
 * Tables of custom resources. Who wrote the definition chose what a column shows and how it is headed, so
 * the rows are asked for with their objects: what an object hides is hidden in its row, too.
 */
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { isBuiltInGroup } from "../../policy/implied_deletions.ts";
import { hideKnown } from "../../redact/writes/known_values.ts";
import { hiddenStrings, type Live } from "../../redact/writes/live.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";

/** Whether columns of the table that is asked for are of somebody's choice. */
export function hasChosenColumns({ form, resource }: ResourceRequest): boolean {
  return form === "table" && !isBuiltInGroup(resource.group);
}

/** The same request, for rows with their whole objects. */
export function withObjects(request: ResourceRequest): ResourceRequest {
  return { ...request, options: { ...request.options, includeObject: "Object" } };
}

/**
 * A table, or an event of a watch with one, whose cells show nothing that their objects hide. Of an
 * object that was not asked for its metadata are left, as the API server has it.
 *
 * @param wanted `includeObject` as it was asked for
 * @param liveOf how an object is shown
 */
export function hideInRows(
  body: Uint8Array<ArrayBuffer>,
  wanted: unknown,
  liveOf: (object: unknown) => Live,
): Uint8Array<ArrayBuffer> {
  if (body.length === 0) return body;
  const document = parseExact(new TextDecoder().decode(body));
  const hidden = withRows(document, (row) => {
    if (!isRecord(row) || !isRecord(row.object) || !Array.isArray(row.cells)) return row;
    const { object } = row;
    const known = hiddenStrings(liveOf(object));
    const cells = row.cells.map((cell: unknown) => cellOf(cell, known));
    return { ...row, cells, object: wanted === "Object" ? object : metadataOf(object, wanted) };
  });
  return new TextEncoder().encode(stringifyExact(hidden));
}

function withRows(document: unknown, row: (row: unknown) => unknown): unknown {
  if (!isRecord(document)) return document;
  if (document.kind === "Table" && Array.isArray(document.rows)) {
    return { ...document, rows: document.rows.map(row) };
  }
  return isRecord(document.object)
    ? { ...document, object: withRows(document.object, row) }
    : document;
}

function cellOf(cell: unknown, known: ReadonlyMap<string, string>): unknown {
  if (typeof cell === "string") return known.get(cell) ?? hideKnown(cell, known);
  return typeof cell === "number" ? known.get(`${cell}`) ?? cell : cell;
}

function metadataOf({ metadata }: Readonly<Record<string, unknown>>, wanted: unknown): unknown {
  return wanted === "None"
    ? null
    : { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}
