/**
 * A pod as the chart installs it, started the way its kubelet would: the image's files alone, the
 * pod's arguments, environment and volumes, and a token of its ServiceAccount.
 */
import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { type Container, startContainer } from "./container.ts";
import { containerOf, podTemplate } from "./kubelet.ts";
import { CHART, type Place, placeTest } from "./place.ts";

/** Installs the chart, and starts the container of one of its pods; gives its address. */
async function startPod(
  { helm, kubectl, namespace }: Place,
  set: readonly string[],
): Promise<{ container: Container; url: string }> {
  const values = set.flatMap((each) => ["--set", each]);
  await helm("install", "kubecode", CHART, "-n", namespace, ...values);
  const pod = await podTemplate(kubectl, namespace, "kubecode");
  const spec = await containerOf(kubectl, namespace, pod);
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
    const port = /serves MCP on https?:\/\/\S+:(\d+)\/mcp/.exec(output.stderr)?.[1];
    if (port) return `http://127.0.0.1:${port}`;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`the container does not serve: ${output.stderr}`);
}

async function script(url: string, text: string): Promise<string> {
  const client = new Client({ name: "test", version: "0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  try {
    const { content } = await client.callTool({
      name: "evaluate_script",
      arguments: { script: text },
    });
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
    const { container, url } = await startPod(place, ["auth.none=true"]);
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
