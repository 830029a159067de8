/**
 * A list of a namespace that does not exist is empty, which reads as if there were nothing to find.
 * Only where a list of a named namespace is empty is that looked up, in one small request.
 */
import { ApiError } from "../../errors.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { decide } from "../../policy/decide.ts";
import type { Scope } from "../scope.ts";

/** A page without members is far smaller; what is larger is not parsed. */
const EMPTY_PAGE_BYTES = 64 * 1024;

/** Whether a page of a list, or of a table, has nothing in it. */
export function isEmptyPage(page: Uint8Array): boolean {
  if (page.length > EMPTY_PAGE_BYTES) return false;
  const { items, rows } = JSON.parse(new TextDecoder().decode(page)) as {
    readonly items?: readonly unknown[] | null;
    readonly rows?: readonly unknown[] | null;
  };
  return (items ?? []).length === 0 && (rows ?? []).length === 0;
}

/**
 * Says so where the namespace of an empty list is not there, as far as the caller may know.
 *
 * @returns whether that was said
 */
export async function noteMissingNamespace(
  { namespace }: ResourceRequest,
  { kube, origin, policy, signal }: Scope,
): Promise<boolean> {
  if (!namespace || origin.onNote === undefined) return false;
  const what = { group: "", resource: "namespaces" };
  const look = { ...what, verb: "get", namespaced: false, name: namespace } as const;
  const asker = { tool: origin.tool, context: kube.access.context };
  if (decide({ ...look, ...asker }, policy).outcome !== "allow") return false;
  try {
    const resource = await kube.resolve(what, signal);
    await kube.send({ verb: "get", resource, name: namespace, form: "metadata" }, signal);
    return false;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ApiError) || error.status !== 404) return false;
    origin.onNote(
      `There is no namespace "${namespace.slice(0, 200)}": the list is empty for that.`,
    );
    return true;
  }
}
