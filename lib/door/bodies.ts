/** Bodies of requests as JSON: programs send JSON, YAML and protobuf. */
import { ApiError, InputError } from "../errors.ts";
import { PROTOBUF_MEDIA_TYPE } from "../protobuf/media_type.ts";
import { objectFromProtobuf } from "../protobuf/protobuf.ts";
import { collectBytes } from "../std/bytes.ts";
import { stringifyExact } from "../std/json/exact.ts";
import { parseYaml } from "../yaml/yaml.ts";
import { badRequest, mediaType, unsupportedMedia } from "./asked.ts";

/** What an API server takes. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;

const JSON_TYPE = "application/json";
const YAML_TYPE = "application/yaml";

/**
 * The body of a request, whole.
 *
 * @throws {ApiError} it is too large, or encoded
 */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") {
    throw new ApiError(`Cannot read a body with the content encoding "${encoding.slice(0, 50)}"`, {
      status: 415,
      reason: "UnsupportedMediaType",
    });
  }
  if (Number(request.headers.get("content-length")) > BODY_LIMIT_BYTES) throw tooLarge();
  const collected = collectBytes();
  for await (const chunk of request.body ?? []) {
    if (collected.length + chunk.length > BODY_LIMIT_BYTES) throw tooLarge();
    collected.push(chunk);
  }
  return collected.join();
}

/**
 * The body in a form that is understood: a patch as it is, an object as JSON.
 *
 * @throws {ApiError} it cannot be read
 */
export function understood(
  body: Uint8Array<ArrayBuffer>,
  isPatch: boolean,
  headers: Headers,
): Uint8Array<ArrayBuffer> {
  const type = mediaType(headers);
  if (body.length === 0 || isPatch || type === "" || type === JSON_TYPE) return body;
  const encode = (value: unknown) => new TextEncoder().encode(stringifyExact(value));
  try {
    if (type === PROTOBUF_MEDIA_TYPE) return encode(objectFromProtobuf(body));
    if (type === YAML_TYPE) return encode(parseYaml(new TextDecoder().decode(body), "the body"));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw badRequest(error.message);
  }
  throw unsupportedMedia(type, [JSON_TYPE, YAML_TYPE, PROTOBUF_MEDIA_TYPE]);
}

function tooLarge(): ApiError {
  return new ApiError(`Request entity is too large: limit is ${BODY_LIMIT_BYTES}`, {
    status: 413,
    reason: "RequestEntityTooLarge",
  });
}
