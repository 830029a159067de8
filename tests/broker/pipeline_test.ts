/** How often a change is sent, by a recording API server. */
import assert from "node:assert/strict";
import { PATCH_TYPES } from "../../lib/names/requests.ts";
import type { ApiError } from "../../lib/errors.ts";
import { approvalOf, createPlan } from "../../lib/policy/plan.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { RequestCall } from "../../lib/broker/types.ts";
import { createRecorder } from "../support/recorder.ts";

const SERVED = [{ group: "", resource: "secrets", kind: "Secret", namespaced: true }];
const PATH = "/api/v1/namespaces/shop/secrets/db";

/** The Secret as its readers see it. */
interface Shown {
  readonly metadata: object;
  readonly data: Readonly<Record<string, string>>;
}

/**
 * What a change of a Secret came to, where the API server refuses each write.
 *
 * @param isMoving whether the object has another version at each look
 */
async function refused(
  call: Pick<RequestCall, "verb" | "contentType">,
  bodyOf: (shown: Shown) => unknown,
  { status, isMoving }: { readonly status: number; readonly isMoving: boolean },
) {
  let version = 7;
  const recorder = createRecorder(SERVED, {}, ({ method }) => {
    if (method !== "GET") {
      const reason = status === 409 ? "Conflict" : "Invalid";
      return Response.json({ kind: "Status", reason, message: "no", code: status }, { status });
    }
    if (isMoving) version += 1;
    return Response.json({
      kind: "Secret",
      apiVersion: "v1",
      metadata: { name: "db", namespace: "shop", uid: "u", resourceVersion: `${version}` },
      data: { password: btoa("Sesame-4711-open") },
    });
  });
  const broker = recorder.brokers(() => makePolicy({ mode: "read-write" }))
    .as({ tool: "test", session: "test" });
  const ask = async (call: Pick<RequestCall, "verb" | "contentType">, body?: unknown) => {
    const what = { op: "request", resource: "secrets", namespace: "shop", name: "db" } as const;
    const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
    const answers = broker.call({ ...what, ...call }, bytes, new AbortController().signal);
    return JSON.parse(new TextDecoder().decode((await answers.next()).value?.body));
  };
  const shown: Shown = await ask({ verb: "get" });
  recorder.sent.length = 0;
  version = 7;
  const error = await ask(call, bodyOf(shown)).catch((error) => error);
  const requests = recorder.sent.map(({ method, path }) => `${method} ${path.split("?")[0]}`);
  const bodies = recorder.sent.filter(({ body }) => body)
    .map(({ body }) => JSON.parse(new TextDecoder().decode(body as Uint8Array)));
  return { error, requests, bodies };
}

/** With a token for the value, as it was read, and a version that was long ago. */
const stale = ({ metadata, data }: Shown) => ({
  metadata: { ...metadata, resourceVersion: "3" },
  data,
});
const addition = () => ({ stringData: { a: "b" } });
const MERGE = { verb: "patch", contentType: PATCH_TYPES.merge } as const;

Deno.test("a change that names a stale version itself is sent once", async () => {
  const update = await refused({ verb: "update" }, stale, { status: 409, isMoving: true });
  assert.equal(update.error.reason, "Conflict");
  assert.deepEqual(update.requests, [`GET ${PATH}`, `PUT ${PATH}`]);
  assert.equal(update.bodies[0].data.password, btoa("Sesame-4711-open"));
  const patch = await refused(MERGE, stale, { status: 409, isMoving: true });
  // The trial, which is refused already.
  assert.deepEqual(patch.requests.filter((one) => one.startsWith("PATCH")), [`PATCH ${PATH}`]);
  assert.equal(patch.bodies[0].metadata.resourceVersion, "3");
});

Deno.test("a change that we have tied to a version is sent again while its object moves on", async () => {
  const { error, requests, bodies } = await refused(MERGE, addition, {
    status: 409,
    isMoving: true,
  });
  assert.equal(error.reason, "Conflict");
  assert.equal(requests.filter((one) => one.startsWith("PATCH")).length, 5);
  const versions = bodies.map(({ metadata }) => metadata.resourceVersion);
  assert.deepEqual(versions, ["8", "9", "10", "11", "12"], "each is tied to its own look");
});

Deno.test("a change that is refused for a reason of its own is sent once", async () => {
  const test = [{ op: "test", path: "/metadata/name", value: "other" }];
  const json = { verb: "patch", contentType: PATCH_TYPES.json } as const;
  const { error, requests } = await refused(json, () => test, { status: 422, isMoving: false });
  assert.equal(error.reason, "Invalid");
  assert.equal(requests.filter((one) => one.startsWith("PATCH")).length, 1);
});

Deno.test("an approved change is tied to the version for which it was checked", async () => {
  let version = 7;
  /** How many changes meet an object that somebody has touched just before. */
  let late = 0;
  const recorder = createRecorder(SERVED, {}, ({ method, path }) => {
    const isMade = method !== "GET" && !path.includes("dryRun=All");
    if (isMade && late-- > 0) {
      version += 1;
      const conflict = { kind: "Status", reason: "Conflict", message: "moved", code: 409 };
      return Response.json(conflict, { status: 409 });
    }
    const labels = method === "GET" ? {} : { a: "b" };
    const metadata = {
      name: "db",
      namespace: "shop",
      uid: "u",
      resourceVersion: `${version}`,
      labels,
    };
    return Response.json({ kind: "Secret", apiVersion: "v1", metadata });
  });
  const brokers = recorder.brokers(() => makePolicy({ mode: "approve" }));
  const ask = async (how: object) => {
    const what = { op: "request", resource: "secrets", namespace: "shop", name: "db" } as const;
    const body = new TextEncoder().encode(JSON.stringify({ metadata: { labels: { a: "b" } } }));
    const broker = brokers.as({ tool: "test", session: "test", ...how });
    await broker.call({ ...what, ...MERGE }, body, new AbortController().signal).next();
  };
  const plan = createPlan(0);
  await ask({ plan });
  recorder.sent.length = 0;
  late = 2;
  await ask({ approval: approvalOf(plan) });
  const made = recorder.sent.filter(({ method, path }) =>
    method === "PATCH" && !path.includes("dryRun")
  );
  const versions = made.map(({ body }) =>
    JSON.parse(new TextDecoder().decode(body as Uint8Array)).metadata.resourceVersion
  );
  assert.deepEqual(versions, ["7", "8", "9"], "checked again for each version");
});

Deno.test("what is checked is what is sent: of a key that is given twice, the one that was read", async () => {
  const recorder = createRecorder(SERVED);
  const broker = recorder.brokers(() => makePolicy({ mode: "read-write" }))
    .as({ tool: "test", session: "test" });
  const text = '{"metadata":{"name":"db"},"type":"Opaque","type":"Other"}';
  const call = { op: "request", verb: "create", resource: "secrets", namespace: "shop" } as const;
  const signal = new AbortController().signal;
  for await (const _ of broker.call(call, new TextEncoder().encode(text), signal));
  const [sent] = recorder.sent;
  assert.equal(
    new TextDecoder().decode(sent?.body as Uint8Array),
    '{"metadata":{"name":"db"},"type":"Other"}',
  );
});

Deno.test("where a person would have to be asked and nobody is, nothing is looked at", async () => {
  const recorder = createRecorder(SERVED);
  const rules = [{ source: "c:1", effect: "deny", verbs: ["create"] }] as const;
  const broker = recorder.brokers(() => makePolicy({ mode: "approve", rules }))
    .as({ tool: "test", session: "test" });
  const call = { op: "request", verb: "update", resource: "secrets", namespace: "shop" } as const;
  const body = new TextEncoder().encode(JSON.stringify({ metadata: { name: "db" } }));
  const parts = broker.call({ ...call, name: "db" }, body, new AbortController().signal);
  await assert.rejects(parts.next(), /a person has to approve it/);
  assert.deepEqual(recorder.sent, []);
});

Deno.test("dependents go in the background, as kubectl has it, unless something else is said", async () => {
  const sent = async (call: Partial<RequestCall>, body?: object) => {
    const recorder = createRecorder(SERVED);
    const broker = recorder.brokers(() => makePolicy({ mode: "read-write" }))
      .as({ tool: "test", session: "test" });
    const what = { op: "request", verb: "delete", resource: "secrets", namespace: "shop" } as const;
    const bytes = body && new TextEncoder().encode(JSON.stringify(body));
    const whole = { ...what, name: "db", ...call } as RequestCall;
    await broker.call(whole, bytes, new AbortController().signal).next();
    const [request] = recorder.sent;
    const query = new URL(request?.path ?? "", "http://x").searchParams.get("propagationPolicy");
    return request?.body ? JSON.parse(new TextDecoder().decode(request.body)) : query;
  };
  assert.equal(await sent({}), "Background");
  assert.equal(await sent({ options: { propagationPolicy: "Orphan" } }), "Orphan");
  assert.equal(await sent({ options: { orphanDependents: true } }), null);
  const preconditions = { preconditions: { uid: "u" } };
  assert.deepEqual(await sent({}, preconditions), {
    ...preconditions,
    propagationPolicy: "Background",
  });
  const foreground = { propagationPolicy: "Foreground" };
  assert.deepEqual(await sent({}, foreground), foreground);
  const many = { verb: "deletecollection", name: undefined } as const;
  assert.equal(await sent({ ...many, options: { labelSelector: "a=b" } }), "Background");
});

Deno.test("a look that RBAC forbids is not taken where none is needed, and explained where it is", async () => {
  const served = [{
    group: "apps",
    resource: "deployments",
    kind: "Deployment",
    namespaced: true,
    subresources: ["scale"],
  }];
  const recorder = createRecorder(served, {}, ({ method }) => {
    if (method !== "GET") return undefined;
    const status = { kind: "Status", code: 403, reason: "Forbidden", message: "no" };
    return Response.json(status, { status: 403 });
  });
  const broker = recorder.brokers(() => makePolicy({ mode: "read-write" }))
    .as({ tool: "test", session: "test" });
  const patch = (subresource?: string) => {
    const what = { op: "request", group: "apps", resource: "deployments", name: "web" } as const;
    const call: RequestCall = { ...what, ...MERGE, namespace: "shop", subresource };
    const body = new TextEncoder().encode(JSON.stringify({ spec: { replicas: 3 } }));
    return broker.call(call, body, new AbortController().signal).next();
  };
  await patch("scale");
  assert.deepEqual(recorder.sent.map(({ method }) => method), ["PATCH"]);
  await assert.rejects(patch(), (error: ApiError) => {
    assert.equal(error.status, 403);
    assert.match(error.hint ?? "", /looked at before it is changed.*right to get deployments/);
    return true;
  });
});

Deno.test("warnings of the API server reach who made the change, and the plan", async () => {
  const token = "ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5";
  const recorder = createRecorder(SERVED, {}, ({ method }) => {
    const headers = new Headers();
    headers.append("warning", '299 - "policy/v1beta1 is deprecated\u00a0"');
    headers.append("warning", `299 - "unknown field: ${token}"`);
    const secret = { kind: "Secret", metadata: { name: "db" } };
    return method === "GET" ? undefined : Response.json(secret, { headers });
  });
  const heard: string[] = [];
  const plan = createPlan(0);
  const origin = { tool: "test", session: "test", onWarning: (text: string) => heard.push(text) };
  const call = { op: "request", verb: "create", resource: "secrets", namespace: "shop" } as const;
  const body = new TextEncoder().encode(JSON.stringify({ metadata: { name: "db" } }));
  const brokers = recorder.brokers(() => makePolicy({ mode: "read-write" }));
  const signal = new AbortController().signal;
  await brokers.as(origin).call(call, body, signal).next();
  assert.equal(heard[0], "policy/v1beta1 is deprecated\\u{a0}");
  assert.match(heard[1] ?? "", /^unknown field: \[redacted:/);
  await brokers.as({ ...origin, plan }).call(call, body, signal).next();
  assert.equal(plan.changes[0]?.lines[0], "warning: policy/v1beta1 is deprecated\\u{a0}");
});

Deno.test("a warning that quotes a hidden value is shown without it", async () => {
  const recorder = createRecorder(SERVED, {}, ({ method }) => {
    const secret = {
      kind: "Secret",
      metadata: { name: "db", resourceVersion: "7" },
      data: { password: btoa("pässwörd-straße-42") },
    };
    if (method === "GET") return Response.json(secret);
    const bytes = new TextEncoder().encode('299 - "pässwörd-straße-42 is weak"');
    const headers = { warning: String.fromCharCode(...bytes) };
    return Response.json(secret, { headers });
  });
  const heard: string[] = [];
  const origin = { tool: "test", session: "test", onWarning: (text: string) => heard.push(text) };
  const broker = recorder.brokers(() => makePolicy({ mode: "read-write" })).as(origin);
  const what = { op: "request", resource: "secrets", namespace: "shop", name: "db" } as const;
  const body = new TextEncoder().encode(JSON.stringify({ metadata: { labels: { a: "b" } } }));
  await broker.call({ ...what, ...MERGE }, body, new AbortController().signal).next();
  assert.equal(heard.length, 1);
  assert.doesNotMatch(heard[0] ?? "", /stra/);
});

Deno.test("a version of 0 ties a change to nothing, so that we do", async () => {
  const body = () => ({ metadata: { resourceVersion: "0" }, stringData: { a: "b" } });
  const { bodies } = await refused(MERGE, body, { status: 409, isMoving: false });
  assert.equal(bodies[0].metadata.resourceVersion, "7");
});

Deno.test("a command that was approved gets the very bytes that were approved", async () => {
  const plan = createPlan(0);
  const recorder = createRecorder([{
    group: "",
    resource: "pods",
    kind: "Pod",
    namespaced: true,
    subresources: ["exec"],
  }]);
  const brokers = recorder.brokers(() => makePolicy({ mode: "read-write" }));
  const call = {
    op: "exec",
    namespace: "shop",
    name: "web",
    command: ["sh"],
    stdin: true,
  } as const;
  const run = (how: object, bytes: readonly number[]) =>
    brokers.as({ tool: "test", session: "test", ...how })
      .call(call, Uint8Array.from(bytes), new AbortController().signal).next();
  await assert.rejects(run({ plan }, [0x41, 0xff, 0x42]), /acts at once/);
  for (const other of [[0x41, 0xfe, 0x42], [0xef, 0xbb, 0xbf, 0x41], [0x41]]) {
    const approval = approvalOf(plan);
    await assert.rejects(run({ approval }, other), /this very change was not in the plan/);
  }
});
