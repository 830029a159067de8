/** What a cluster served a while ago is no reason to refuse, or to miss, what it serves by now. */
import assert from "node:assert/strict";
import { ApiError, InputError } from "../../lib/errors.ts";
import type { RequestCall } from "../../lib/broker/types.ts";
import {
  connect,
  type Connected,
  TARGETS,
  type TestTarget,
  uniqueName,
} from "../support/clusters.ts";
import { needs } from "../support/needs.ts";

const SCHEMA = {
  openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
};
const DEFINITIONS = { resource: "customresourcedefinitions", group: "apiextensions.k8s.io" };

interface Shape {
  readonly scope?: "Cluster" | "Namespaced";
  readonly served?: readonly string[];
  readonly subresources?: Readonly<Record<string, unknown>>;
}

function definition(
  group: string,
  { scope = "Namespaced", served = ["v1alpha1"], subresources = {} }: Shape,
) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `dials.${group}` },
    spec: {
      group,
      scope,
      names: { plural: "dials", singular: "dial", kind: "Dial", listKind: "DialList" },
      versions: ["v1alpha1", "v1"].map((name) => ({
        name,
        served: served.includes(name),
        storage: name === "v1",
        schema: SCHEMA,
        subresources,
      })),
    },
  };
}

const object = (name: string, group: string) => ({
  apiVersion: `${group}/v1alpha1`,
  kind: "Dial",
  metadata: { name },
});

/** Somebody else's change: the broker that is tested sees nothing of it. */
async function define(target: TestTarget, group: string, shape: Shape | undefined): Promise<void> {
  await using other = await connect(target);
  const { client, signal } = other;
  const resource = await client.resolve(DEFINITIONS, signal);
  const name = `dials.${group}`;
  const read = () =>
    client.send({ verb: "get", resource, name }, signal).then(
      (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
      () => undefined,
    );
  const before = await read();
  const scope = shape?.scope ?? "Namespaced";
  if (before !== undefined && (shape === undefined || before.spec.scope !== scope)) {
    // An API server that has not read a type since it was defined may stop in the middle of removing it.
    const dials = await client.resolve({ group, resource: "dials" }, signal);
    await client.send({ verb: "list", resource: dials }, signal);
    await client.send({ verb: "delete", resource, name }, signal);
    await until(async () => await read() === undefined);
  }
  if (shape === undefined) return;
  const wanted = definition(group, shape);
  const body = new TextEncoder().encode(JSON.stringify(wanted));
  const now = await read();
  await client.send(
    now === undefined
      ? { verb: "create", resource, body }
      : { verb: "patch", resource, name, body, contentType: "application/merge-patch+json" },
    signal,
  );
  const names = Object.keys(shape.subresources ?? {}).sort();
  await until(async () => {
    const { versions } = await client.index({ maxAgeMs: 0, signal });
    const mine = versions.filter((version) => version.group === group);
    return mine.map(({ version }) => version).sort().join() ===
        [...shape.served ?? ["v1alpha1"]].sort().join() &&
      mine.every(({ resources: [dials] }) =>
        dials?.namespaced === (scope === "Namespaced") && dials.verbs.includes("patch") &&
        dials.subresources.map(({ name }) => name).sort().join() === names.join()
      );
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("not so after 60 s");
}

async function call(
  { broker, signal }: Connected,
  given: Partial<RequestCall>,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
  const request = { op: "request", verb: "get", resource: "dials", ...given } as RequestCall;
  let text = "";
  for await (const { body } of broker.call(request, bytes, signal)) {
    text += new TextDecoder().decode(body);
  }
  return JSON.parse(text);
}

/** Discovery that is younger than two seconds is not repeated, and no caller waits for it. */
async function withinSeconds<Value>(
  ask: () => Promise<Value>,
  refusal: (error: unknown) => boolean,
) {
  for (let tries = 0;; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 100 || !refusal(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

for (const target of TARGETS) {
  const test = (
    name: string,
    run: (cluster: Connected, group: string, there: TestTarget) => Promise<void>,
  ) =>
    Deno.test(needs(target, `${target.name}: ${name}`), async () => {
      await using cluster = await connect(target, { readWrite: true });
      const there: TestTarget = {
        ...target,
        open: () =>
          Promise.resolve({ access: cluster.client.access, close: () => Promise.resolve() }),
      };
      const group = `${uniqueName("g")}.example.com`;
      try {
        await run(cluster, group, there);
      } finally {
        await define(there, group, undefined);
      }
    });

  test("a subresource that a definition got later is found", async (cluster, group, there) => {
    await define(there, group, {});
    const dial = { group, namespace: "default", name: "one" };
    await call(cluster, { ...dial, verb: "create", name: undefined }, {
      ...object("one", group),
    });
    const asked = () => call(cluster, { ...dial, subresource: "status" });
    await assert.rejects(asked(), InputError);
    await define(there, group, { subresources: { status: {} } });
    const { metadata } = await withinSeconds(asked, (error) => error instanceof InputError);
    assert.equal((metadata as { name: string }).name, "one");
  });

  test(
    "a definition that was made anew for the cluster needs no namespace",
    async (cluster, group, there) => {
      await define(there, group, { scope: "Cluster" });
      await call(cluster, { group, verb: "list" });
      await define(there, group, { scope: "Namespaced" });
      const asked = () =>
        call(cluster, { group, verb: "create", namespace: "default" }, {
          ...object("two", group),
        });
      await withinSeconds(asked, (error) => error instanceof InputError);
      assert.equal((await call(cluster, { group, verb: "list" }) as { items: [] }).items.length, 1);
    },
  );

  test(
    "a version that is served no more gives way to the one that is",
    async (cluster, group, there) => {
      await define(there, group, {});
      const dial = { group, namespace: "default" };
      await call(cluster, { ...dial, verb: "create" }, object("three", group));
      await define(there, group, { served: ["v1"] });
      const { apiVersion } = await withinSeconds(
        () => call(cluster, { ...dial, name: "three" }),
        (error) => error instanceof ApiError && error.status === 404,
      );
      assert.equal(apiVersion, `${group}/v1`);
    },
  );
}
