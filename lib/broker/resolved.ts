/** From a call and the resource that it means to the request. */
import type { ResourceRequest } from "../kube/wire/request.ts";
import type { ApiResource } from "../kube/types.ts";
import type { RequestCall } from "./types.ts";

/** Our own name as the manager of the fields that we set (KEP-555, server-side apply). */
export const FIELD_MANAGER = "kubecode";

/** The request that a call is, of the resource that its names mean. */
export function resolvedRequest(
  call: RequestCall,
  resource: ApiResource,
  body: Uint8Array<ArrayBuffer> | undefined,
): ResourceRequest {
  const { verb, subresource, namespace, name, contentType, form } = call;
  const writes = verb === "create" || verb === "update" || verb === "patch";
  return {
    verb,
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
    ...(contentType ? { contentType } : {}),
    ...(form ? { form } : {}),
    ...(body?.length ? { body } : {}),
    options: {
      ...(writes ? { fieldManager: FIELD_MANAGER, fieldValidation: "Strict" } : {}),
      ...call.options,
    },
  };
}
