/** What an API server answers in protobuf when it fails: a `Status`, which no client sends. */
import { LIST_META, optionalFields } from "./known.ts";
import { readObject } from "./protobuf.ts";

const CAUSE = optionalFields({
  1: ["reason", "text"],
  2: ["message", "text"],
  3: ["field", "text"],
});

const DETAILS = optionalFields({
  1: ["name", "text"],
  2: ["group", "text"],
  3: ["kind", "text"],
  4: ["causes", CAUSE, "list"],
  5: ["retryAfterSeconds", "int32"],
  6: ["uid", "text"],
});

/** `meta/v1.Status`. */
const STATUS = optionalFields({
  1: ["metadata", LIST_META],
  2: ["status", "text"],
  3: ["message", "text"],
  4: ["reason", "text"],
  5: ["details", DETAILS, "pointer"],
  6: ["code", "int32"],
});

/** The JSON of a `Status`; undefined for anything else. */
export function statusFromProtobuf(bytes: Uint8Array): unknown {
  try {
    return readObject(
      bytes,
      (apiVersion, kind) => apiVersion === "v1" && kind === "Status" ? STATUS : undefined,
    );
  } catch {
    return undefined;
  }
}
