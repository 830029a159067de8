/** Discovery goes on without what does not answer as it should, as kubectl's does. */
import assert from "node:assert/strict";
import { createBrokers } from "../../lib/broker/broker.ts";
import { ApiError, ResolveError } from "../../lib/errors.ts";
import { createClient, type KubeClient } from "../../lib/kube/client.ts";
import { discover } from "../../lib/kube/discovery/discovery.ts";
import { createTransport } from "../../lib/kube/transport/transport.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { findServed } from "../../lib/tools/support/target.ts";
import { accessAt } from "../support/access.ts";
import { createTestClock, type TestClock } from "../support/clock.ts";
import { LOGGER } from "../support/clusters.ts";
import { jsonAnswer, type RawAnswer, startRawServer } from "../support/raw_server.ts";

const never = new AbortController().signal;
const TIMEOUT_MS = 10_000;

/** A server of the older kind, whose groups `apps` and `batch` are whole. */
const ANSWERS: Readonly<Record<string, RawAnswer>> = {
  "/api": jsonAnswer({ kind: "APIVersions", versions: ["v1"] }),
  "/api/v1": resources("pods", "Pod"),
  "/apis": jsonAnswer({
    kind: "APIGroupList",
    groups: ["apps", "batch", "odd.example"].map((name) => ({
      name,
      versions: [{ version: "v1" }],
      preferredVersion: { version: "v1" },
    })),
  }),
  "/apis/apps/v1": resources("deployments", "Deployment"),
  "/apis/batch/v1": resources("jobs", "Job"),
  "/apis/odd.example/v1": resources("jobs", "Job"),
};

function resources(name: string, kind: string): RawAnswer {
  return jsonAnswer({
    kind: "APIResourceList",
    resources: [{ name, kind, singularName: "", namespaced: true, verbs: ["get", "list"] }],
  });
}

const status = (code: number, reason: string) =>
  jsonAnswer({ kind: "Status", status: "Failure", code, reason, message: reason }, `${code} No`);

const HTML =
  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>";

async function withServer(
  changed: Readonly<Record<string, RawAnswer>>,
  test: (client: KubeClient, parts: {
    readonly clock: TestClock;
    readonly paths: () => string[];
  }) => Promise<void>,
): Promise<void> {
  const answers = { ...ANSWERS, ...changed };
  await using server = startRawServer(({ path }) => answers[path] ?? status(404, "NotFound"));
  const access = accessAt(`http://127.0.0.1:${server.port}`);
  const clock = createTestClock();
  const transport = createTransport(access, {
    userAgent: "kubecode/test",
    logger: LOGGER,
    env: () => undefined,
  });
  const client = createClient(access, transport, { discoveryTimeoutMs: TIMEOUT_MS, clock });
  try {
    await test(client, { clock, paths: () => server.requests.map(({ path }) => path) });
  } finally {
    client.close();
  }
}

const ODD: readonly (readonly [name: string, answer: RawAnswer, message: RegExp])[] = [
  ["answers HTML", HTML, /^its API server's answer is not Kubernetes'$/],
  ["answers another kind", jsonAnswer({ kind: "Pod" }), /is not Kubernetes'$/],
  ["answers a failure with 200", status(200, "x").replace("200 No", "200 OK"), /^x$/],
  ["answers 403", status(403, "Forbidden"), /^Forbidden$/],
  ["answers 406", status(406, "NotAcceptable"), /^NotAcceptable$/],
  ["answers 404", status(404, "NotFound"), /^NotFound$/],
  ["hangs up", "close", /^its API server does not answer$/],
];

for (const [name, answer, message] of ODD) {
  Deno.test(`discovery goes on without a group that ${name}`, async () => {
    await withServer({ "/apis/odd.example/v1": answer }, async (client) => {
      const index = await client.index({ signal: never });
      assert.deepEqual(index.versions.map(({ group }) => group), ["", "apps", "batch"]);
      assert.deepEqual(index.broken.map(({ groupVersion }) => groupVersion), ["odd.example/v1"]);
      assert.match(index.broken[0]!.message, message);
    });
  });
}

Deno.test("discovery does not wait its whole time for a group that does not answer", async () => {
  await withServer({ "/apis/odd.example/v1": "silence" }, async (client, { clock, paths }) => {
    const asked = client.index({ signal: never });
    const groups = ["/apis/apps/v1", "/apis/batch/v1", "/apis/odd.example/v1"];
    while (!groups.every((path) => paths().includes(path))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // The others have been answered: a moment for a busy machine to read that.
    await new Promise((resolve) => setTimeout(resolve, 500));
    clock.advance(TIMEOUT_MS / 2);
    const { broken } = await asked;
    assert.deepEqual(broken, [
      { groupVersion: "odd.example/v1", message: "its API server does not answer" },
    ]);
  });
});

Deno.test("discovery goes on where one of its roots is missing, forbidden or knows the older form only", async () => {
  const groupsOf = async (changed: Readonly<Record<string, RawAnswer>>) => {
    let found: unknown[] = [];
    await withServer(changed, async (client) => {
      const { versions, broken } = await client.index({ signal: never });
      found = [...versions.map(({ group }) => group), ...broken.map((entry) => entry.groupVersion)];
    });
    return found;
  };
  const all = ["apps", "batch", "odd.example"];
  assert.deepEqual(await groupsOf({ "/api": status(404, "NotFound") }), all);
  assert.deepEqual(await groupsOf({ "/api": status(403, "Forbidden") }), [...all, "v1"]);
  assert.deepEqual(await groupsOf({ "/apis": status(404, "NotFound") }), [""]);
  await withServer(
    { "/api": status(403, "Forbidden"), "/apis": status(403, "Forbidden") },
    async (client) => {
      await assert.rejects(client.index({ signal: never }), { status: 403 });
    },
  );
});

Deno.test("discovery asks for the older form where the newer is refused", async () => {
  await using server = startRawServer(({ path, headers }) =>
    headers.some(([name, value]) => name === "accept" && value.includes("as=API"))
      ? status(406, "NotAcceptable")
      : ANSWERS[path] ?? status(404, "NotFound")
  );
  const access = accessAt(`http://127.0.0.1:${server.port}`);
  const transport = createTransport(access, {
    userAgent: "kubecode/test",
    logger: LOGGER,
    env: () => undefined,
  });
  const client = createClient(access, transport, { discoveryTimeoutMs: TIMEOUT_MS });
  const { versions } = await client.index({ signal: never });
  assert.deepEqual(versions.map(({ group }) => group), ["", "apps", "batch", "odd.example"]);
  client.close();
});

Deno.test("discovery fails where nothing at all can be reached", async () => {
  const changed = Object.fromEntries(
    ["/api/v1", "/apis/apps/v1", "/apis/batch/v1", "/apis/odd.example/v1"]
      .map((path) => [path, "close"] as const),
  );
  await withServer(changed, async (client) => {
    const error = await client.index({ signal: never }).then(() => undefined, (error) => error);
    assert.ok(error instanceof ApiError && error.reason === "Unreachable", `${error}`);
  });
});

Deno.test("client and tools say that a group is broken, and offer no other group's resource for it", async () => {
  await withServer({ "/apis/odd.example/v1": HTML }, async (client) => {
    const broker = createBrokers({
      connect: () => Promise.resolve(client),
      policy: () => makePolicy({ mode: "read-only", rules: [] }),
      logger: LOGGER,
    }).as({ tool: "test", session: "test" });
    const roads = [
      (resource: string, group?: string) => client.resolve({ resource, group }, never),
      (resource: string, group?: string) =>
        findServed({ resource, group, version: group && "v2" }, broker, never),
    ];
    for (const find of roads) {
      const told = async (resource: string, group?: string) => {
        const error = await find(resource, group).then(() => undefined, (error) => error);
        assert.ok(error instanceof ResolveError, `${error}`);
        return `${error.message} ${error.hint}`;
      };
      assert.match(
        await told("jobs", "odd.example"),
        /: odd\.example\/v1 is broken: its API server's answer is not Kubernetes' undefined$/,
      );
      assert.match(await told("gadgets"), /It may be served where nothing answers: odd\.example/);
    }
  });
});

Deno.test("discovery leaves out subresources, too, that are not named as Kubernetes names things", async () => {
  const names = ["pods", "pods/log", "pods/log\n2 changes", "pods/a/b", "pods/a/B"];
  const resources = names.map((name) => ({ name, kind: "Pod", verbs: ["get"] }));
  const { versions } = await discover((path) =>
    Promise.resolve(
      path === "/api"
        ? { kind: "APIVersions", versions: ["v1"] }
        : path === "/apis"
        ? { kind: "APIGroupList", groups: [] }
        : { kind: "APIResourceList", resources },
    )
  );
  const [pods] = versions.flatMap((version) => version.resources);
  assert.deepEqual(pods?.subresources.map(({ name }) => name), ["log", "a/b"]);
});
