/** The Helm chart, by the real helm against the real control plane. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parse, parseAllDocuments } from "yaml";
import { isRecord } from "../../lib/std/json/unknown.ts";
import { CHART, installed, type Place, placeTest, refuses } from "./place.ts";

/** Values of installations that people have; each is rendered and tried against the API server. */
const INSTALLATIONS: Readonly<Record<string, readonly string[]>> = {
  "the default": [],
  "one that changes workloads of two namespaces": [
    "mode=read-write",
    "rbac.write.enabled=true",
    "rbac.write.namespaces={default,kube-public}",
    "rbac.exec.enabled=true",
    "rbac.customResourceGroups={argoproj.io,cert-manager.io}",
  ],
  "one in the name of its callers": [
    "impersonation.users={alice@example.com,bob@example.com}",
    "impersonation.groups={platform}",
    "impersonation.constrained=true",
  ],
  "one behind an Ingress, with TLS of its own, that grows": [
    "tls.secretName=kubecode-tls",
    "ingress.enabled=true",
    "ingress.host=kubecode.example.com",
    "ingress.tlsSecretName=example-tls",
    "autoscaling.enabled=true",
    "networkPolicy.apiServer.cidrs={10.0.0.1/32}",
    "networkPolicy.issuer.ports={443}",
  ],
  "one that takes tokens of an issuer and of the cluster, and certificates": [
    "publicUrl=https://kubecode.example.com/mcp",
    "auth.tokens.enabled=false",
    "auth.oidc.issuer=https://issuer.example.com/realms/team",
    "auth.oidc.audiences={kubecode}",
    "auth.tokenReview.audiences={kubecode}",
    "auth.clientCa.secretName=callers-ca",
    "tls.secretName=kubecode-tls",
  ],
  "one with programs": ["toolsets={code,cli}", "image.tag=0.1.0-cli"],
};

/** A pod as the Deployment makes it: Pod Security looks at pods. */
function podOf(manifests: string): unknown {
  const objects = parseAllDocuments(manifests).map((each) => each.toJSON());
  const { template } = objects.find(({ kind }) => kind === "Deployment").spec;
  return { apiVersion: "v1", kind: "Pod", ...template, metadata: { name: "kubecode" } };
}

function values(set: readonly string[]): string[] {
  return set.flatMap((each) => ["--set", each]);
}

for (const [name, set] of Object.entries(INSTALLATIONS)) {
  placeTest(`chart: the API server takes ${name}`, async ({ helm, kubectl, namespace, folder }) => {
    await helm("lint", "--strict", CHART, ...values(set));
    const text = await helm("template", "kubecode", CHART, "-n", namespace, ...values(set));
    await Deno.writeTextFile(`${folder}/all.yaml`, text);
    await Deno.writeTextFile(`${folder}/pod.json`, JSON.stringify(podOf(text)));
    // The pods' own, without which none is let in.
    await kubectl("create", "serviceaccount", "kubecode", "-n", namespace);
    await kubectl("create", "--dry-run=server", "-n", namespace, "-f", `${folder}/pod.json`);
    const said = await kubectl("apply", "--dry-run=server", "-f", `${folder}/all.yaml`);
    assert.match(said, /deployment\.apps\/kubecode created \(server dry run\)/);
  });
}

Deno.test("chart: its schema has each value, and no other", async () => {
  const values = parse(await Deno.readTextFile(`${CHART}/values.yaml`));
  const schema = JSON.parse(await Deno.readTextFile(`${CHART}/values.schema.json`));
  // Helm puts it there for charts that are part of others.
  delete schema.properties.global;
  assert.deepEqual(pathsOf(schema).sort(), valuePaths(values).sort());
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

function pathsOf({ properties = {} }: Schema, path = ""): string[] {
  return Object.entries(properties).flatMap(([name, below]) =>
    below.properties ? pathsOf(below, `${path}${name}.`) : [`${path}${name}`]
  );
}

/** Maps that are handed on as they are have no values of their own. */
const WHOLE = ["config", "resources"];

function valuePaths(values: Readonly<Record<string, unknown>>, path = ""): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    isRecord(value) && Object.keys(value).length > 0 && !WHOLE.includes(name)
      ? valuePaths(value, `${path}${name}.`)
      : [`${path}${name}`]
  );
}

placeTest("chart: what other projects define is written for them", async ({ helm }) => {
  const text = await helm(
    "template",
    "kubecode",
    CHART,
    ...values([
      "metrics.serviceMonitor.enabled=true",
      "metrics.serviceMonitor.labels.release=prometheus",
      "httpRoute.enabled=true",
      "httpRoute.parentRefs[0].name=public",
      "httpRoute.hostnames={kubecode.example.com}",
    ]),
  );
  const objects = parseAllDocuments(text).map((each) => each.toJSON());
  const specOf = (kind: string) => objects.find((each) => each.kind === kind).spec;
  const [endpoint] = specOf("ServiceMonitor").endpoints;
  assert.deepEqual([endpoint.port, endpoint.path, endpoint.scheme], ["http", "/metrics", "http"]);
  const { parentRefs, hostnames, rules } = specOf("HTTPRoute");
  assert.deepEqual([parentRefs, hostnames], [[{ name: "public" }], ["kubecode.example.com"]]);
  assert.deepEqual(rules[0].backendRefs, [{ name: "kubecode", port: 80 }]);
  const { args } = specOf("Deployment").template.spec.containers[0];
  assert.ok(args.some((each: string) => /^--allowed-hosts=.*,kubecode\.example\.com$/.test(each)));
});

placeTest("chart: what it does not know is refused", async ({ helm }) => {
  const refused = (set: string, said: RegExp) =>
    refuses(helm("template", "kubecode", CHART, "--set", set), said);
  await refused("replica=3", /additional properties 'replica' not allowed/);
  await refused("rbac.read.enable=false", /additional properties 'enable' not allowed/);
  await refused("mode=write", /\/mode/);
  // Whoever may be them may do anything.
  await refused("impersonation.groups={system:masters}", /\/impersonation\/groups\/0/);
  await refused("auth.oidc.issuer=http://issuer.example.com", /\/auth\/oidc\/issuer/);
  await refused("impersonation.users={*}", /\/impersonation\/users\/0/);
});

placeTest(
  "chart: an upgrade keeps the state key and tokens, an uninstall leaves nothing",
  async (place) => {
    const { helm, kubectl, namespace } = place;
    const release = ["kubecode", CHART, "-n", namespace];
    const data = async (secret: string): Promise<Record<string, string>> =>
      JSON.parse(
        await kubectl("get", "secret", secret, "-n", namespace, "-o", "jsonpath={.data}"),
      );
    const all = async () => [await data("kubecode-state-key"), await data("kubecode-tokens")];
    const notes = await helm("install", ...release, "--wait", "--timeout", "120s");
    assert.match(notes, /STATUS: deployed/);
    assert.match(notes, new RegExp(`http://kubecode\\.${namespace}:80/mcp`));
    assert.equal(await readyReplicas(place), "2");
    const made = await all();
    const [state, tokens] = made;
    assert.equal(atob(atob(state?.key ?? "")).length, 32);
    const hash = createHash("sha256").update(atob(tokens?.token ?? "")).digest("hex");
    assert.equal(atob(tokens?.tokens ?? ""), `first sha256:${hash}\n`);
    await helm("upgrade", ...release, "--set", "replicas=3", "--wait", "--timeout", "120s");
    assert.equal(await readyReplicas(place), "3");
    assert.deepEqual(await all(), made);
    await helm("uninstall", "kubecode", "-n", namespace, "--wait");
    assert.deepEqual(await installed(place), []);
  },
);

placeTest("chart: two releases are installed side by side", async (place) => {
  const { helm, namespace } = place;
  await helm("install", "kubecode", CHART, "-n", namespace);
  await helm("install", "kubecode-staging", CHART, "-n", namespace);
  await helm("uninstall", "kubecode-staging", "-n", namespace, "--wait");
  assert.ok((await installed(place)).includes("deployment.apps/kubecode"));
});

async function readyReplicas({ kubectl, namespace }: Place): Promise<string> {
  const path = "jsonpath={.status.readyReplicas}";
  return await kubectl("get", "deployment", "kubecode", "-n", namespace, "-o", path);
}
