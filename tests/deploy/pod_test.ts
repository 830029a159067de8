/** What a pod of the chart does in the cluster that it was installed in. */
import assert from "node:assert/strict";
import type { FetchLike } from "@modelcontextprotocol/client";
import { parse } from "yaml";
import { createAuthority } from "../support/certificates.ts";
import { KUBECTL } from "../support/clusters.ts";
import { runContainer } from "./container.ts";
import { containerOf, podTemplate, probesOf } from "./kubelet.ts";
import { call, podTest, script, startPod } from "./pod.ts";

/** Who calls is not what these tests are about. */
const OPEN = ["auth.none=true", "auth.tokens.enabled=false"];

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

podTest("its probes find it ready, and nobody without a token its metrics", async (place) => {
  const { container, url } = await startPod(place, []);
  await using _ = container;
  for (
    const { name, path, scheme, timeoutMs } of probesOf(
      await podTemplate(place.kubectl, place.namespace, "kubecode"),
    )
  ) {
    assert.ok(url.startsWith(`${scheme}:`), name);
    const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
    assert.deepEqual([answer.status, await answer.text()], [200, "ok\n"], name);
  }
  const metrics = await fetch(`${url}/metrics`);
  await metrics.body?.cancel();
  assert.equal(metrics.status, 401);
});

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
  assert.equal(await script(url, "1 + 1", { fetch: trusting }), "2");
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
