/** An approved deletion meets the object that a person has agreed to, and no other. */
import assert from "node:assert/strict";
import type { RequestCall } from "../../lib/broker/types.ts";
import { approvalOf, createPlan } from "../../lib/policy/plan.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { connect, TARGETS, uniqueName } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { createRecorder } from "../support/recorder.ts";

const SERVED = [{ group: "", resource: "configmaps", kind: "ConfigMap", namespaced: true }];

interface Sent {
  readonly query: string;
  readonly body: Record<string, unknown>;
}

/**
 * What an approved deletion sends, and how it ends, where the object moves on before it arrives.
 *
 * @param moves what becomes of the object, once for each time that it is deleted too late
 */
async function deletion(
  given: { readonly options?: RequestCall["options"]; readonly body?: object } = {},
  moves: readonly ("changed" | "made anew")[] = [],
) {
  const metadata = { name: "a", namespace: "shop", uid: "u1", resourceVersion: "7" };
  const left = [...moves];
  const sent: Sent[] = [];
  const recorder = createRecorder(SERVED, {}, ({ method, path, body }) => {
    const text = new TextDecoder().decode(body as Uint8Array | undefined);
    if (method === "DELETE" && !`${path}${text}`.includes("dryRun")) {
      const query = path.split("?")[1] ?? "";
      sent.push({ query, body: text === "" ? {} : JSON.parse(text) });
      const move = left.shift();
      if (move === "made anew") metadata.uid = "u2";
      if (move !== undefined) {
        metadata.resourceVersion = `${Number(metadata.resourceVersion) + 1}`;
        const status = { kind: "Status", reason: "Conflict", message: "moved", code: 409 };
        return Response.json(status, { status: 409 });
      }
    }
    return Response.json({ kind: "ConfigMap", apiVersion: "v1", metadata });
  });
  const brokers = recorder.brokers(() => makePolicy({ mode: "approve" }));
  const run = async (how: object) => {
    const call = { op: "request", verb: "delete", resource: "configmaps" } as const;
    const what = { ...call, namespace: "shop", name: "a", options: given.options };
    const body = given.body && new TextEncoder().encode(JSON.stringify(given.body));
    const broker = brokers.as({ tool: "test", session: "test", ...how });
    await broker.call(what, body, new AbortController().signal).next();
  };
  const plan = createPlan(0);
  await run({ plan });
  const error = await run({ approval: approvalOf(plan) }).catch((error: Error) => error);
  return { sent, error };
}

Deno.test("an approved deletion is tied to the object that its plan has met", async () => {
  const { sent, error } = await deletion();
  assert.equal(error, undefined);
  const preconditions = { uid: "u1", resourceVersion: "7" };
  assert.deepEqual(sent, [{
    query: "",
    body: {
      kind: "DeleteOptions",
      apiVersion: "v1",
      propagationPolicy: "Background",
      preconditions,
    },
  }]);
});

Deno.test("its options go with it, since a query counts for nothing beside a body", async () => {
  const options = { gracePeriodSeconds: "0", propagationPolicy: "Orphan" };
  const [sent] = (await deletion({ options })).sent;
  assert.equal(sent?.query, "");
  assert.equal(sent?.body.gracePeriodSeconds, 0);
  assert.equal(sent?.body.propagationPolicy, "Orphan");
});

Deno.test("a precondition that its sender names stays", async () => {
  const body = { propagationPolicy: "Foreground", preconditions: { resourceVersion: "5" } };
  const [sent] = (await deletion({ body })).sent;
  assert.deepEqual(sent?.body.preconditions, { uid: "u1", resourceVersion: "5" });
  assert.equal(sent?.body.propagationPolicy, "Foreground");
});

Deno.test("an object whose version moves meanwhile is looked at again, and deleted", async () => {
  const { sent, error } = await deletion({}, ["changed", "changed"]);
  assert.equal(error, undefined);
  assert.deepEqual(
    sent.map(({ body }) => (body.preconditions as { resourceVersion: string }).resourceVersion),
    ["7", "8", "9"],
  );
});

Deno.test("another object of the same name is left alone", async () => {
  const { sent, error } = await deletion({}, ["made anew"]);
  assert.match(`${error}`, /the object has changed since the plan was made/);
  assert.equal(sent.length, 1);
});

for (const target of TARGETS) {
  Deno.test(needs(target, `${target.name}: an approved deletion is made`), async () => {
    await using cluster = await connect(target, { readWrite: true });
    const { client, signal, brokers } = cluster;
    const name = uniqueName("gone");
    const resource = await client.resolve({ resource: "configmaps" }, signal);
    const body = new TextEncoder().encode(
      JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } }),
    );
    const namespace = "default";
    await client.send({ verb: "create", resource, namespace, body }, signal);
    const run = async (how: object) => {
      const broker = brokers.as({ tool: "test", session: "test", ...how });
      const call = { op: "request", verb: "delete", resource: "configmaps", namespace, name };
      await broker.call(call as RequestCall, undefined, signal).next();
    };
    const plan = createPlan(Date.now());
    await run({ plan });
    const approval = approvalOf(plan);
    await run({ approval });
    assert.deepEqual(approval.left(), []);
    await assert.rejects(
      client.send({ verb: "get", resource, namespace, name }, signal),
      /not found/,
    );
  });
}
