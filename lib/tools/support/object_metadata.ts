/** Which metadata of objects an answer keeps. Pure. */
import { LAST_APPLIED } from "../../names/well_known.ts";
import { isRecord } from "../../std/json/unknown.ts";

/** What a caller asks for. */
export interface AnnotationFilter {
  /** False: none at all. */
  readonly all: boolean;
  /** Keys to leave out, beside {@linkcode LAST_APPLIED}; a trailing `*` stands for any rest. */
  readonly exclude: readonly string[];
  /** When there are any, these keys alone are kept, whatever else is said. */
  readonly include: readonly string[];
}

/** The object without the annotations that are not wanted; the object itself where it has none. */
export function filterAnnotations(object: unknown, filter: AnnotationFilter): unknown {
  const metadata = (object as { metadata?: Record<string, unknown> } | null)?.metadata;
  const annotations = metadata?.annotations;
  if (typeof annotations !== "object" || annotations === null) return object;
  const { annotations: _, ...rest } = metadata!;
  const kept = Object.entries(annotations).filter(([key]) => isKept(key, filter));
  return {
    ...object as object,
    metadata: kept.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(kept) },
  };
}

function isKept(key: string, { all, exclude, include }: AnnotationFilter): boolean {
  const named = (patterns: readonly string[]) =>
    patterns.some((pattern) =>
      pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : key === pattern
    );
  if (include.length > 0) return named(include);
  return all && key !== LAST_APPLIED && !named(exclude);
}

/** The object without managed fields, self link and the copy of itself that kubectl leaves. */
export function prune(object: unknown): unknown {
  const metadata = (object as { metadata?: Readonly<Record<string, unknown>> } | null)?.metadata;
  if (typeof metadata !== "object" || metadata === null) return object;
  const { managedFields: _, selfLink: __, annotations, ...rest } = metadata;
  const { [LAST_APPLIED]: ___, ...kept } = (annotations ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...object as object,
    metadata: Object.keys(kept).length === 0 ? rest : { ...rest, annotations: kept },
  };
}

/**
 * Whether what a deletion answered is an object that is still there: it ends once its finalizers or its
 * grace are over. With the finalizers that hold it; those of a namespace stand in its spec.
 */
export function endingOf(answer: unknown): { readonly finalizers: readonly string[] } | undefined {
  if (!isRecord(answer) || answer.kind === "Status" || !isRecord(answer.metadata)) return undefined;
  const { deletionTimestamp, finalizers } = answer.metadata;
  if (deletionTimestamp === undefined) return undefined;
  const { finalizers: ofSpec } = isRecord(answer.spec) ? answer.spec : {};
  const namespaces = answer.kind === "Namespace" && Array.isArray(ofSpec) ? ofSpec : [];
  const own = Array.isArray(finalizers) ? finalizers : [];
  return { finalizers: [...own, ...namespaces].map((finalizer) => `${finalizer}`) };
}

/** What the answer to a deletion says of an object that is still there. */
export function endingNotes({ finalizers }: { readonly finalizers: readonly string[] }): string[] {
  if (finalizers.length === 0) return [];
  const shown = finalizers.slice(0, 10).join(", ").slice(0, 500);
  return [`It is held by ${shown}: it is there until what set them has done its work.`];
}

/** What identifies an object and tells whether it changed. */
export function identityOf(object: unknown): Readonly<Record<string, unknown>> {
  const { kind, metadata } = object as {
    kind?: unknown;
    metadata?: Readonly<Record<string, unknown>>;
  };
  const { name, namespace, uid, generation, resourceVersion, deletionTimestamp, finalizers } =
    metadata ?? {};
  // JSON leaves out what is not there.
  return { kind, name, namespace, uid, generation, resourceVersion, deletionTimestamp, finalizers };
}
