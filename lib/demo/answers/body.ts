/** Bodies of requests. */
import { apiVersionOf } from "../../names/groups.ts";
import type { KubeObject } from "../../kube/types.ts";
import { type Call } from "../base/cluster.ts";
import { textAt } from "../../std/json/at.ts";
import { badRequest, unsupportedMediaType } from "../base/status.ts";
import { parseExact } from "../../std/json/exact.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { parseYaml } from "../../yaml/yaml.ts";

/** The media type of a request's body, without parameters. */
export function contentType(call: Call): string {
  return (call.headers.get("content-type") ?? "").split(";")[0]?.trim() || "application/json";
}

/**
 * A request's body as JSON.
 * @throws {StatusError} 400 for what is none, 415 for another format
 */
export function bodyOf(call: Call): unknown {
  const type = contentType(call);
  if (!/^(application\/(.*\+)?(json|yaml)|\*\/\*)$/.test(type)) {
    throw unsupportedMediaType([
      "application/json",
      "application/yaml",
      "application/vnd.kubernetes.protobuf",
    ]);
  }
  try {
    return type.endsWith("yaml") ? yamlOf(call.body) : parseExact(call.body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw badRequest(
      type.endsWith("patch+yaml")
        ? `error decoding YAML: ${reason}`
        : `the object provided is unrecognized (must be of type ${call.type.kind}): couldn't get ` +
          `version/kind; json parse error: ${reason}`,
    );
  }
}

/** Most of it is JSON, which is YAML too. */
function yamlOf(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return parseYaml(text, "body");
  }
}

/**
 * A body that must be an object of the request's resource.
 * @throws {StatusError} 400 for another kind, version, namespace or name
 */
export function decodeBody(call: Call, value: unknown): KubeObject {
  const { type, namespace, name } = call;
  if (!isRecord(value)) throw badRequest(`${type.kind} must be a JSON object`);
  const expected = apiVersionOf(type);
  const version = textAt(value, "apiVersion") || expected;
  const kind = textAt(value, "kind") || type.kind;
  if (version !== expected) {
    throw badRequest(
      `${kind} in version ${
        JSON.stringify(version)
      } cannot be handled as a ${type.kind}: no kind ` +
        `${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)} in scheme ` +
        '"pkg/runtime/scheme.go:111"',
    );
  }
  if (kind !== type.kind) {
    throw badRequest(
      `${kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ` +
        `converting (${type.version}.${kind}) to (${
          type.group.split(".")[0] || "core"
        }.${type.kind}): ` +
        "unknown conversion",
    );
  }
  const object: KubeObject = { ...value, kind, apiVersion: version };
  const metadata = isRecord(value.metadata) ? value.metadata : {};
  const own = textAt(metadata, "namespace");
  if (type.namespaced && own && namespace && own !== namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  const ownName = textAt(metadata, "name");
  if (name && ownName !== name) {
    throw badRequest(
      ownName
        ? `the name of the object (${ownName}) does not match the name on the URL (${name})`
        : `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  const { namespace: _namespace, ...rest } = metadata;
  return { ...object, metadata: type.namespaced ? { ...rest, namespace } : rest };
}
