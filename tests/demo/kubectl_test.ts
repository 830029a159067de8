import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDemo } from "../../lib/demo/demo.ts";
import { KUBECTL } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** kubectl with arguments; its input where one is given. */
type Kubectl = (line: string, input?: string) => Promise<Run>;

/** Runs a test with kubectl against a demo cluster of its own. */
function kubectlTest(fact: string, run: (kubectl: Kubectl) => Promise<void>): void {
  Deno.test({
    ...needs(["kubectl", "time"], `kubectl ${fact}`),
    fn: async () => {
      const demo = await startDemo();
      const folder = await mkdtemp(join(tmpdir(), "kubecode-demo-"));
      try {
        const kubeconfig = join(folder, "kubeconfig");
        await writeFile(kubeconfig, demo.kubeconfig);
        await run((line, input) => {
          const { promise, resolve, reject } = Promise.withResolvers<Run>();
          const child = spawn(KUBECTL, [`--cache-dir=${folder}/cache`, ...line.split(" ")], {
            env: { PATH: Deno.env.get("PATH"), HOME: folder, KUBECONFIG: kubeconfig },
          });
          let [out, err] = ["", ""];
          child.stdout.on("data", (chunk) => out += chunk);
          child.stderr.on("data", (chunk) => err += chunk);
          child.on("error", reject);
          child.on("close", (code) => resolve({ code, out, err }));
          child.stdin.end(input ?? "");
          return promise;
        });
      } finally {
        await demo.close();
        await rm(folder, { recursive: true });
      }
    },
  });
}

async function good(run: Promise<Run>): Promise<string> {
  const { code, out, err } = await run;
  assert.equal(code, 0, err);
  return out;
}

const MANIFEST = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: hello}
spec:
  replicas: 2
  selector: {matchLabels: {app: hello}}
  template:
    metadata: {labels: {app: hello}}
    spec:
      containers:
      - {name: hello, image: "nginx:1.27", env: [{name: A, value: "1"}, {name: B, value: "2"}]}
`;

kubectlTest("prints pods in each of its forms", async (kubectl) => {
  assert.match(await good(kubectl("get pods")), /^checkout-\S+ +0\/1 +CrashLoopBackOff +14 \(/m);
  assert.match(await good(kubectl("get pods -A -o wide")), /^kube-system +coredns-\S+ .*demo-\d/m);
  assert.match(await good(kubectl("get pod redis-0 -o yaml")), /^kind: Pod$/m);
  assert.match(await good(kubectl("get pods --chunk-size=5 -o name")), /(pod\/\S+\n){18}/);
});

kubectlTest("describes what is wrong", async (kubectl) => {
  const pods = await good(kubectl("describe pods -l app=checkout --show-events"));
  assert.match(pods, /Reason: +CrashLoopBackOff/);
  assert.match(pods, /Warning +BackOff .*\(x\d+ over \d+m\)/);
  assert.match(await good(kubectl("describe node demo-1")), /Non-terminated Pods/);
  assert.match(
    await good(kubectl("describe service recommendations")),
    /Selector: +app=recommendation\n/,
  );
});

kubectlTest("reads logs, of the previous container too", async (kubectl) => {
  const log = await good(kubectl("logs deploy/checkout --previous"));
  assert.match(log, /PAYMENTS_URL is missing/);
  assert.equal(
    (await good(kubectl("logs deploy/storefront --tail=2"))).trim().split("\n").length,
    2,
  );
});

kubectlTest(
  "applies from the client, merging by keys, and finds no change the second time",
  async (kubectl) => {
    assert.match(await good(kubectl("apply -f -", MANIFEST)), /hello created/);
    assert.match(await good(kubectl("apply -f -", MANIFEST)), /hello unchanged/);
    const changed = MANIFEST.replace('{name: A, value: "1"}, ', "").replace("1.27", "1.28");
    assert.match(await good(kubectl("apply -f -", changed)), /hello configured/);
    const env = await good(
      kubectl("get deploy hello -o jsonpath={.spec.template.spec.containers[*].env}"),
    );
    assert.equal(env, '[{"name":"B","value":"2"}]');
  },
);

kubectlTest("applies on the server, and is told of conflicts", async (kubectl) => {
  await good(kubectl("apply --server-side -f -", MANIFEST));
  const other = MANIFEST.replace("replicas: 2", "replicas: 3");
  const refused = await kubectl("apply --server-side --field-manager=x -f -", other);
  assert.equal(refused.code, 1);
  assert.match(
    refused.err,
    /Apply failed with 1 conflict: conflict with "kubectl": \.spec\.replicas/,
  );
  await good(kubectl("apply --server-side --field-manager=x --force-conflicts -f -", other));
});

kubectlTest("creates what it sends as protobuf", async (kubectl) => {
  await good(kubectl("create deployment web --image=nginx:1.27 --replicas=2 --port=80"));
  await good(kubectl("create configmap map --from-literal=a=ü --from-literal=b="));
  await good(kubectl("create secret generic secret --from-literal=a=ü"));
  await good(kubectl("create quota quota --hard=pods=4,cpu=1"));
  await good(kubectl("create ingress web --rule=web.dev/x=web:80"));
  await good(kubectl("expose deployment web --port=80"));
  const web = JSON.parse(await good(kubectl("get deployment web -o json")));
  assert.equal(web.spec.replicas, 2);
  assert.equal(web.spec.minReadySeconds, undefined);
  assert.deepEqual(web.spec.template.spec.containers[0].ports, [{
    containerPort: 80,
    protocol: "TCP",
  }]);
  const map = JSON.parse(await good(kubectl("get configmap map -o json")));
  assert.deepEqual(map.data, { a: "ü", b: "" });
  const secret = JSON.parse(await good(kubectl("get secret secret -o json")));
  assert.deepEqual(secret.data, { a: "w7w=" });
  const quota = JSON.parse(await good(kubectl("get quota quota -o json")));
  assert.deepEqual(quota.spec.hard, { pods: "4", cpu: "1" });
  const ingress = JSON.parse(await good(kubectl("get ingress web -o json")));
  assert.equal(ingress.spec.rules[0].http.paths[0].backend.service.port.number, 80);
  assert.equal(await good(kubectl("auth can-i delete pods")), "yes\n");
});

kubectlTest("mends the shop", async (kubectl) => {
  await good(kubectl("set env deployment/checkout PAYMENTS_URL=http://payments-api.payments:8080"));
  assert.match(
    await good(kubectl("rollout status deployment/checkout --timeout=20s")),
    /rolled out/,
  );
  await good(
    kubectl("set image deployment/catalog-v2 *=registry.demo.kubecode.dev/shop/catalog:2.0.1"),
  );
  await good(kubectl("wait deployment/catalog-v2 --for=condition=Available --timeout=20s"));
  await good(kubectl("scale deployment/storefront --replicas=5"));
  assert.match(await good(kubectl("get deployment storefront")), /5\/5/);
  await good(kubectl("rollout restart deployment/cart"));
  await good(kubectl("rollout undo deployment/cart"));
  assert.match(await good(kubectl("rollout history deployment/cart")), /^3 /m);
  await good(kubectl("delete deployment search --timeout=20s"));
  assert.equal(await good(kubectl("get pods -l app=search -o name")), "");
});

kubectlTest("finds metrics, resources, schemas, events and identity", async (kubectl) => {
  assert.match(await good(kubectl("top nodes")), /^demo-1 +\d+m/m);
  assert.match(await good(kubectl("top pods")), /^storefront-\S+ +\d+m +\d+Mi/m);
  assert.match(
    await good(kubectl("api-resources")),
    /^shops +shp +demo\.kubecode\.dev\/v1 +true +Shop/m,
  );
  assert.match(
    await good(kubectl("explain deployment.spec.strategy")),
    /rollingUpdate\t<RollingUpdateDeployment>/,
  );
  assert.match(await good(kubectl("explain shops.spec")), /domain\t<string> -required-/);
  assert.match(await good(kubectl("events --types=Warning")), /FailedScheduling/);
  assert.match(await good(kubectl("auth whoami")), /Username +demo/);
  assert.match(await good(kubectl("version")), /Server Version: v1\.36\.3/);
  assert.match(await good(kubectl("get shops")), /^lisbon .*Degraded/m);
});

kubectlTest("runs a few commands in containers", async (kubectl) => {
  assert.equal(await good(kubectl("exec redis-0 -- cat /etc/hostname")), "redis-0\n");
  const failed = await kubectl("exec redis-0 -- false");
  assert.match(failed.err, /command terminated with exit code 1/);
});

kubectlTest("is refused as by a real server", async (kubectl) => {
  const none = await kubectl("get pod none");
  assert.equal(none.err, 'Error from server (NotFound): pods "none" not found\n');
  const taken = await kubectl("create namespace shop");
  assert.equal(taken.err, 'Error from server (AlreadyExists): namespaces "shop" already exists\n');
  const missing = await kubectl("exec redis-0 -- no-such-program");
  assert.match(missing.err, /executable file not found in \$PATH/);
  const attach = await kubectl("attach redis-0");
  assert.match(attach.err, /the demo cluster runs no containers/);
});
