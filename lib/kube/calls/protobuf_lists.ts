/**
 * Lists of built-in kinds are asked for in protobuf, a third of the bytes of JSON and half the work of the
 * API server, and are read into the JSON that they stand for. A kind of which something was not understood
 * is asked for as JSON from then on.
 */
import { PROTOBUF_MEDIA_TYPE } from "../../protobuf/media_type.ts";
import { WireError } from "../../protobuf/wire.ts";
import type { ResourceRequest } from "../wire/request.ts";

/** The lists of one cluster. */
export interface ProtobufLists {
  /** Whether an answer in protobuf would be understood, as far as is known. */
  mayAsk(request: ResourceRequest): Promise<boolean>;
  /** The JSON of an answer; undefined where it is not understood, and is to be asked for again. */
  read(
    body: Uint8Array<ArrayBuffer>,
    request: ResourceRequest,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** Makes it. */
export function createProtobufLists(): ProtobufLists {
  const refused = new Set<string>();
  return {
    async mayAsk(request) {
      const { verb, form = "object", subresource, withoutManagedFields } = request;
      if (verb !== "list" || form !== "object" || subresource || !withoutManagedFields) {
        return false;
      }
      const { apiVersion, kind } = kindOf(request);
      if (refused.has(`${apiVersion} ${kind}`)) return false;
      const { isTranscodable } = await import("../../protobuf/lists.ts");
      return isTranscodable(apiVersion, kind);
    },
    async read(body, request) {
      const { listFromProtobuf } = await import("../../protobuf/lists.ts");
      try {
        return listFromProtobuf(body);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        const { apiVersion, kind } = kindOf(request);
        refused.add(`${apiVersion} ${kind}`);
        return undefined;
      }
    },
  };
}

/** Whether an answer is protobuf. */
export function isProtobuf({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith(PROTOBUF_MEDIA_TYPE) === true;
}

function kindOf({ resource: { group, version, kind } }: ResourceRequest) {
  return { apiVersion: group === "" ? version : `${group}/${version}`, kind };
}
