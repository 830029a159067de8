/** Who gets into a pod that the chart has installed, and as whom they reach the cluster. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { podTest, script, startPod } from "./pod.ts";
import type { Place } from "./place.ts";

/** Status of a request of initialization with a token, or without one. */
async function knock(url: string, token?: string): Promise<number> {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...token ? { authorization: `Bearer ${token}` } : {},
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  });
  await response.body?.cancel();
  return response.status;
}

podTest(
  "by default the token that the chart made lets in, and nothing else does",
  async (place) => {
    const { container, url } = await startPod(place, []);
    await using _ = container;
    const { kubectl, namespace } = place;
    const encoded = await kubectl(
      ...["get", "secret", "kubecode-tokens", "-n", namespace, "-o", "jsonpath={.data.token}"],
    );
    const token = atob(encoded);
    assert.equal(await script(url, "1 + 1", { token }), "2");
    assert.equal(await knock(url), 401);
    assert.equal(await knock(url, `${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`), 401);
    // The pod itself has the hash alone.
    assert.deepEqual(
      Array.from(Deno.readDirSync(`${container.root}/etc/kubecode/tokens`), ({ name }) => name),
      ["tokens"],
    );
  },
);

podTest("tokens of the cluster let in that are for it, and no others", async (place) => {
  const { container, url } = await startPod(place, [
    "auth.tokens.enabled=false",
    "auth.tokenReview.audiences={kubecode}",
  ]);
  await using _ = container;
  const { kubectl, namespace } = place;
  const own = ["create", "token", "default", "-n", namespace];
  const token = (await kubectl(...own, "--audience=kubecode")).trim();
  assert.equal(await script(url, "1 + 1", { token }), "2");
  assert.equal(await knock(url, (await kubectl(...own)).trim()), 401);
});

podTest(
  "callers reach the cluster as themselves, and no further than the chart says",
  async (place) => {
    const tokens = await callers(place, { "alice@example.com": ["platform", "guests"], bob: [] });
    const { container, url } = await startPod(place, [
      "auth.tokens.existingSecret=callers",
      "impersonation.users={alice@example.com}",
      "impersonation.groups={platform}",
      "impersonation.constrained=true",
    ]);
    await using _ = container;
    const { kubectl, namespace } = place;
    const bind = ["create", "rolebinding", "-n", namespace, "--clusterrole=admin"];
    await kubectl(...bind, "platform", "--group=platform");
    const pods = `k8s.appsV1().deployments("${namespace}").list().items.length`;
    const alice = { token: tokens["alice@example.com"] };
    assert.equal(await script(url, pods, alice), "1");
    // What she may herself, and the server may not in her name.
    const secrets = await script(url, `k8s.coreV1().secrets("${namespace}").list()`, alice);
    assert.match(secrets, /cannot impersonate-on:user-info:list resource "secrets"/);
    const other = await script(url, `k8s.appsV1().deployments("default").list()`, alice);
    assert.match(other, /User "alice@example\.com" cannot list/);
    const bob = await script(url, pods, { token: tokens.bob });
    assert.match(bob, /forbidden/i);
  },
);

podTest("a caller without groups that may be told is told without any", async (place) => {
  const tokens = await callers(place, { "alice@example.com": ["guests"] });
  const { container, url } = await startPod(place, [
    "auth.tokens.existingSecret=callers",
    "impersonation.users={alice@example.com}",
  ]);
  await using _ = container;
  const { kubectl, namespace } = place;
  const rights = ["--clusterrole=view", "--user=alice@example.com"];
  await kubectl("create", "rolebinding", "alice", "-n", namespace, ...rights);
  const pods = `k8s.appsV1().deployments("${namespace}").list().items.length`;
  assert.equal(await script(url, pods, { token: tokens["alice@example.com"] }), "1");
});

/** Makes the Secret `callers` with tokens of these users and their groups; gives the tokens. */
async function callers(
  { kubectl, namespace, folder }: Place,
  users: Readonly<Record<string, readonly string[]>>,
): Promise<Record<string, string>> {
  const tokens: Record<string, string> = {};
  const lines = Object.entries(users).map(([user, groups]) => {
    const token = tokens[user] = `kubecode_${crypto.randomUUID()}`;
    const hash = createHash("sha256").update(token).digest("hex");
    return `${user} sha256:${hash}${groups.length > 0 ? ` groups=${groups.join(",")}` : ""}\n`;
  });
  await Deno.writeTextFile(`${folder}/tokens`, lines.join(""));
  const from = `--from-file=tokens=${folder}/tokens`;
  await kubectl("create", "secret", "generic", "callers", "-n", namespace, from);
  return tokens;
}
