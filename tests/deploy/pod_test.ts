/**
 * A pod as the chart installs it, started the way its kubelet would: the image's files alone, the
 * pod's arguments, environment and volumes, and a token of its ServiceAccount.
 */
import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  Client,
  type FetchLike,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { createAuthority } from "../support/certificates.ts";
import { KUBECTL } from "../support/clusters.ts";
import { type Container, runContainer, startContainer } from "./container.ts";
import { containerOf, podTemplate } from "./kubelet.ts";
import { CHART, type Place, placeTest } from "./place.ts";

/** Who calls is not what these tests are about. */
const OPEN = ["auth.none=true", "auth.tokens.enabled=false"];

/** Installs the chart, and starts the container of one of its pods; gives its address. */
async function startPod(
  { helm, kubectl, namespace }: Place,
  set: readonly string[],
  programs: Readonly<Record<string, string>> = {},
): Promise<{ container: Container; url: string }> {
  const values = set.flatMap((each) => ["--set", each]);
  await helm("install", "kubecode", CHART, "-n", namespace, ...values);
  const pod = await podTemplate(kubectl, namespace, "kubecode");
  const spec = { ...await containerOf(kubectl, namespace, pod), programs };
  // Nobody else has the machine's network to himself.
  const args = spec.args.map((each) => each === "--port=8080" ? "--port=0" : each);
  const container = await startContainer({ ...spec, args });
  try {
    return { container, url: await untilServing(container) };
  } catch (error) {
    await container[Symbol.asyncDispose]();
    throw error;
  }
}

async function untilServing({ output, code }: Container): Promise<string> {
  let ended = false;
  void code.then(() => ended = true);
  for (let tries = 0; tries < 600 && !ended; tries++) {
    const [, scheme, port] = /serves MCP on (https?):\/\/\S+:(\d+)\/mcp/.exec(output.stderr) ?? [];
    if (port) return `${scheme}://127.0.0.1:${port}`;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`the container does not serve: ${output.stderr}`);
}

function script(url: string, text: string, fetch?: FetchLike): Promise<string> {
  return call(url, "evaluate_script", { script: text }, fetch);
}

async function call(
  url: string,
  name: string,
  args: Record<string, unknown>,
  fetch?: FetchLike,
): Promise<string> {
  const client = new Client({ name: "test", version: "0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { fetch }));
  try {
    const { content } = await client.callTool({ name, arguments: args });
    return (content as { text?: string }[]).map((each) => each.text ?? "").join("\n");
  } finally {
    await client.close();
  }
}

function podTest(fact: string, body: (place: Place) => Promise<void>): void {
  placeTest(`pod: ${fact}`, body, ["the binary", "time"]);
}

podTest(
  "it reads the cluster with its ServiceAccount, and the cluster refuses it Secrets",
  async (place) => {
    const { container, url } = await startPod(place, OPEN);
    await using _ = container;
    const { namespace, kubectl } = place;
    assert.equal(
      await script(url, `k8s.appsV1().deployments("${namespace}").list().items[0].metadata.name`),
      "kubecode",
    );
    assert.match(await script(url, `k8s.coreV1().nodes().list().items.length`), /^[1-9]\d*$/);
    await kubectl("create", "secret", "generic", "other", "-n", namespace, "--from-literal=a=b");
    const refused = await script(url, `k8s.coreV1().secrets("${namespace}").get("other")`);
    assert.match(refused, /forbidden/i);
    assert.match(refused, new RegExp(`system:serviceaccount:${namespace}:kubecode`));
  },
);

podTest("it serves HTTPS with the certificate of a Secret", async (place) => {
  const { kubectl, namespace, folder } = place;
  const authority = await createAuthority("test");
  const { cert, key } = await authority.server({ names: [{ type: "ip", value: "127.0.0.1" }] });
  await Deno.writeTextFile(`${folder}/tls.crt`, cert);
  await Deno.writeTextFile(`${folder}/tls.key`, key);
  const files = [`--cert=${folder}/tls.crt`, `--key=${folder}/tls.key`];
  await kubectl("create", "secret", "tls", "mine", "-n", namespace, ...files);
  const { container, url } = await startPod(place, [...OPEN, "tls.secretName=mine"]);
  await using _ = container;
  assert.match(url, /^https:/);
  using client = Deno.createHttpClient({ caCerts: [authority.cert] });
  const trusting: FetchLike = (input, init) => fetch(input, { ...init, client });
  assert.equal(await script(url, "1 + 1", trusting), "2");
});

podTest("it changes what its ServiceAccount may, where its mode says so", async (place) => {
  const { namespace } = place;
  const write = ["rbac.write.enabled=true", `rbac.write.namespaces={${namespace}}`];
  const { container, url } = await startPod(place, [...OPEN, "mode=read-write", ...write]);
  await using _ = container;
  const create = (where: string) =>
    script(
      url,
      `k8s.coreV1().configMaps("${where}").create({metadata: {name: "made"}}).metadata.name`,
    );
  assert.equal(await create(namespace), "made");
  assert.match(await create("default"), /forbidden/i);
});

podTest("kubectl runs in it, and leaves no process behind", async (place) => {
  const { container, url } = await startPod(
    place,
    [...OPEN, "toolsets={cli}"],
    { "/usr/local/bin/kubectl": await Deno.realPath(KUBECTL) },
  );
  await using _ = container;
  const { namespace } = place;
  const names = await call(url, "execute_kubectl", {
    command: `get deployments -n ${namespace} -o name | sort`,
  });
  assert.match(names, /deployment\.apps\/kubecode/);
  const running = await Deno.readTextFile(`/proc/${await container.pid()}/task/${await container
    .pid()}/children`);
  for (const pid of running.split(" ").filter((each) => each !== "")) {
    assert.doesNotMatch(await Deno.readTextFile(`/proc/${pid}/stat`), /\) Z /);
  }
});

podTest("it ends at SIGTERM with 0, and the test of the release ends well", async (place) => {
  const { container } = await startPod(place, OPEN);
  await using _ = container;
  await container.signal("SIGTERM");
  assert.equal(await container.code, 0);
  const { kubectl, helm, namespace } = place;
  const hooks = await helm("get", "hooks", "kubecode", "-n", namespace);
  const { code, stdout, stderr } = await runContainer(
    await containerOf(kubectl, namespace, parse(hooks)),
  );
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, new RegExp(`ok {3}user {8}system:serviceaccount:${namespace}:kubecode`));
});
