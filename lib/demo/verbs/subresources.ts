/** scale, log, eviction, exec; and the reviews, which are answered and not stored. */
import type { KubeObject } from "../../kube/types.ts";
import type { Call, Outcome } from "../base/cluster.ts";
import { removeObject } from "./delete.ts";
import { reconcile } from "../controllers/controllers.ts";
import { at, type JsonObject, listAt, numberAt, objectAt, textAt } from "../../std/json/at.ts";
import { containerOf } from "../containers/containers.ts";
import { logOf } from "../containers/logs.ts";
import { jsonPatch, mergePatch } from "../objects/patch.ts";
import { getObject } from "./read.ts";
import { commonHeaders } from "../answers/render.ts";
import { labelSelectorOf, labelsOf } from "../base/selectors.ts";
import { badRequest, invalid, methodNotAllowed, StatusError } from "../base/status.ts";
import { bodyOf } from "../answers/body.ts";
import { isDryRun, updateObject } from "./write.ts";

/** Labels as a selector in text. */
function selectorText(selector: unknown): string {
  return Object.entries(objectAt(selector, "matchLabels"))
    .map(([key, value]) => `${key}=${value}`).join(",");
}

function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, "spec", "replicas") },
    status: {
      replicas: numberAt(object, "status", "replicas"),
      selector: selectorText(at(object, "spec", "selector")),
    },
  };
}

/** The subresource `scale`: its replicas are those of the spec. */
export function scale(call: Call, method: string): Outcome {
  const live = getObject(call);
  if (method === "GET") return { other: scaleOf(live) };
  const body = bodyOf(call);
  const format = call.headers.get("content-type") ?? "";
  const asked = method === "PUT"
    ? body
    : format.startsWith("application/json-patch")
    ? jsonPatch(scaleOf(live), body)
    : mergePatch(scaleOf(live), body);
  const replicas = at(asked, "spec", "replicas") ?? 0;
  if (typeof replicas !== "number") {
    throw badRequest(
      'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ' +
        `${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  const next: KubeObject = {
    ...live,
    metadata: {
      ...live.metadata,
      resourceVersion: textAt(asked, "metadata", "resourceVersion") || undefined,
    },
    spec: { ...objectAt(live, "spec"), replicas },
  };
  if (replicas < 0) {
    throw invalid({ group: "autoscaling", kind: "Scale" }, call.name ?? "", [{
      field: "spec.replicas",
      reason: "FieldValueInvalid",
      message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
    }]);
  }
  return { other: scaleOf(updateObject(call, live, next)) };
}

/** Whether a pod counts for a disruption budget. */
const isHealthy = (pod: KubeObject) =>
  listAt(pod, "status", "conditions").some((one) =>
    textAt(one, "type") === "Ready" && textAt(one, "status") === "True"
  );

/** POST of an `Eviction`: refused where a disruption budget leaves no room. */
export function evict(call: Call): Outcome {
  const { cluster, namespace } = call;
  const pod = getObject(call);
  for (const budget of cluster.store.list("poddisruptionbudgets.policy", namespace)) {
    if (!labelSelectorOf(at(budget, "spec", "selector"))(labelsOf(pod)) || !isHealthy(pod)) {
      continue;
    }
    if (numberAt(budget, "status", "disruptionsAllowed") > 0) continue;
    const name = budget.metadata?.name;
    throw new StatusError(
      429,
      "TooManyRequests",
      "Cannot evict pod as it would violate the pod's disruption budget.",
      {
        causes: [{
          reason: "DisruptionBudget",
          message: `The disruption budget ${name} needs ${
            numberAt(budget, "status", "desiredHealthy")
          } healthy pods and has ${numberAt(budget, "status", "currentHealthy")} currently`,
        }],
      },
    );
  }
  if (!isDryRun(call)) {
    removeObject(cluster, call.type, pod);
    reconcile(cluster);
  }
  return {
    other: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
    code: 201,
  };
}

/** GET of a container's log, as plain text. */
export function log(call: Call): Response {
  const headers = commonHeaders();
  headers.set("content-type", "text/plain");
  return new Response(logOf(call, getObject(call)), { headers });
}

/**
 * exec, attach, portforward: nothing runs here that could be reached.
 * @throws {StatusError} always; 404 and 400 for a pod or container that is not there
 */
export function connect(call: Call): never {
  containerOf(getObject(call), call.query.get("container"));
  throw new StatusError(
    500,
    "InternalError",
    `Internal error occurred: error dialing backend: the demo cluster runs no containers, so ` +
      `${call.subresource} is not possible in it` +
      (call.subresource === "exec" ? " but by WebSocket" : ""),
    { causes: [{ message: "error dialing backend: the demo cluster runs no containers" }] },
  );
}

/** The channel on which a remote command ends with its Status. */
const ERROR_CHANNEL = 3;

/**
 * The same over a WebSocket, where kubectl would hide the reason of a refused handshake: a session
 * that ends with the error at once.
 * @see {@link https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets}
 */
export function refuseInSession(request: Request, { status }: StatusError): Response {
  const asked = request.headers.get("sec-websocket-protocol")?.split(",")[0]?.trim();
  const { socket, response } = Deno.upgradeWebSocket(request, asked ? { protocol: asked } : {});
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    const text = new TextEncoder().encode(JSON.stringify(status));
    socket.send(new Uint8Array([ERROR_CHANNEL, ...text]));
    socket.close(1000);
  };
  return response;
}

/** Whether a review asks for one thing. */
const isOne = (spec: JsonObject) =>
  Boolean(spec.resourceAttributes) !== Boolean(spec.nonResourceAttributes);

/** Reviews: who am I, may I. Everybody who holds the token may do everything. */
export function review(call: Call): Outcome {
  const body = call.body.trim() ? bodyOf(call) : {};
  const asked: KubeObject = { ...objectAt(body), metadata: { creationTimestamp: null } as never };
  const spec = objectAt(asked, "spec");
  if (call.type.kind === "SelfSubjectAccessReview" && !isOne(spec)) {
    throw invalid({ group: call.type.group, kind: "" }, "", [{
      field: "spec.resourceAttributes",
      reason: "FieldValueInvalid",
      message: "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes " +
        "must be specified",
    }]);
  }
  const everything = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };
  const status = {
    SelfSubjectReview: {
      userInfo: {
        username: call.headers.get("impersonate-user") || "demo",
        groups: ["system:masters", "system:authenticated"],
      },
    },
    SelfSubjectAccessReview: { allowed: true },
    SelfSubjectRulesReview: {
      resourceRules: [everything],
      nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
      incomplete: false,
    },
  }[call.type.kind];
  if (!status) throw methodNotAllowed();
  const { kind, group, version } = call.type;
  return { other: { kind, apiVersion: `${group}/${version}`, ...asked, status }, code: 201 };
}
