/**
 * The programs themselves say whether they were understood: a command line as it is written and in its
 * normal form ask the API server for the same, and end the same.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDemo } from "../../../lib/demo/demo.ts";
import type { ProgramName } from "../../../lib/programs/types.ts";
import { readWords } from "../../../lib/programs/words/words.ts";
import { HELM, KUBECTL } from "../../support/clusters.ts";
import { needs } from "../../support/needs.ts";

const PATHS: Partial<Record<ProgramName, string>> = { kubectl: KUBECTL, helm: HELM };

const MANIFEST = JSON.stringify({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "x" },
  data: { a: "b" },
});

/** Command lines, and a request that each must make; "" where it makes none. */
const LINES: readonly (readonly [string, string])[] = [
  ["kubectl get po -A -ojson", "GET /api/v1/pods"],
  ["kubectl -n default get pods,cm", "GET /api/v1/namespaces/default/configmaps"],
  ["kubectl -n=default get -w=false po -L app -L tier", "GET /api/v1/namespaces/default/pods"],
  ["kubectl get --show_labels -ndefault po -lapp=web", "labelSelector=app%3Dweb"],
  ["kubectl get po -n other -n default", "GET /api/v1/namespaces/default/pods"],
  ["kubectl get -Ao name po --no-headers", "GET /api/v1/pods"],
  ["kubectl get -l a=b po --selector c=d", "labelSelector=c%3Dd"],
  ["kubectl -n default delete cm x", "DELETE /api/v1/namespaces/default/configmaps/x"],
  ["kubectl delete --help=false -- cm x", "DELETE /api/v1/namespaces/shop/configmaps/x"],
  ["kubectl delete cm/x secret/y --ignore-not-found", "DELETE /api/v1/namespaces/shop/secrets/y"],
  ["kubectl delete pods --all --all=false", ""],
  ["kubectl delete pods --all=false --all --dry-run=client", "GET /api/v1/namespaces/shop/pods"],
  ["kubectl apply -f - --dry-run=none", "POST /api/v1/namespaces/shop/configmaps"],
  ["kubectl apply --dry-run -f -", ""],
  [
    "kubectl create cm y --from-literal a=b --from-literal=c=d",
    "POST /api/v1/namespaces/shop/configmaps",
  ],
  ["kubectl create -f - -v 0 -v1", "POST /api/v1/namespaces/shop/configmaps"],
  ["kubectl create sa build -n default", "POST /api/v1/namespaces/default/serviceaccounts"],
  ["kubectl scale deploy/cart --replicas 2 --record", "PATCH"],
  ["kubectl label po -l app=web tier=front --overwrite", "GET /api/v1/namespaces/shop/pods"],
  ["kubectl rollout restart deploy cart", "PATCH /apis/apps/v1/namespaces/shop/deployments/cart"],
  [
    "kubectl set image deploy/cart *=nginx:2",
    "PATCH /apis/apps/v1/namespaces/shop/deployments/cart",
  ],
  ['kubectl patch deploy cart -p {"spec":{"replicas":3}}', "PATCH"],
  ["kubectl top no", ""],
  [
    "kubectl auth can-i delete pods -n default",
    "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
  ],
  ["kubectl logs deploy/cart --tail 5 -c cart", "GET"],
  ["kubectl create job x --image=y -- sh -c ls", "POST /apis/batch/v1/namespaces/shop/jobs"],
  ["kubectl run x --image=y -lapp=z -- -A --help", "POST /api/v1/namespaces/shop/pods"],
  ["kubectl run x --image=y --command -- ls -la", "POST /api/v1/namespaces/shop/pods"],
  ["kubectl help create job", ""],
  ["kubectl create job -h", ""],
  ["kubectl version --client -o=json", ""],
  ["helm ls -A -q", "GET /api/v1/secrets"],
  ["helm -n default ls --max 5 -m=6", "GET /api/v1/namespaces/default/secrets"],
  ["helm del web --ignore-not-found", "GET /api/v1/namespaces/shop/secrets"],
  ["helm hist web --max=1", "GET /api/v1/namespaces/shop/secrets"],
  ["helm status -nprod web -ojson", "GET /api/v1/namespaces/prod/secrets"],
];

/** What a run asked for, and how it ended. */
interface Run {
  readonly requests: readonly string[];
  readonly code: number | null;
  readonly out: string;
}

/** Runs a program with a demo cluster of its own. */
async function run(program: ProgramName, argv: readonly string[]): Promise<Run> {
  const demo = await startDemo();
  const folder = await mkdtemp(join(tmpdir(), "kubecode-words-"));
  const requests: string[] = [];
  const { hostname, port } = new URL(demo.access.server);
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.replace(/^\/[0-9a-f]{32}/, "")}`);
    void pass(request, response, `http://${hostname}:${port}${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    const own = typeof address === "object" ? address?.port : undefined;
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(kubeconfig, demo.kubeconfig.replace(`:${port}/`, `:${own}/`));
    const env = { PATH: Deno.env.get("PATH"), HOME: folder, KUBECONFIG: kubeconfig };
    const { code, out } = await end(PATHS[program] ?? "", argv, env);
    return { requests: requests.filter(isOfTheCommand).sort(), code, out };
  } finally {
    server.closeAllConnections();
    server.close();
    await demo.close();
    await rm(folder, { recursive: true });
  }
}

/** Discovery and schemas are asked for as caches want it. */
function isOfTheCommand(request: string): boolean {
  return !/ \/(openapi|version|api\?|apis\?|api$|apis$|apis?\/[^/]+(\/v[^/]+)?(\?.*)?$)/.test(
    request,
  );
}

async function pass(request: IncomingMessage, response: ServerResponse, url: string) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = chunks.length > 0 ? new Blob(chunks as BlobPart[]) : undefined;
  const headers = Object.entries(request.headers)
    .flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as [string, string]] : []
    )
    .filter(([name]) => name !== "host" && name !== "content-length");
  const answer = await fetch(url, { method: request.method, headers, body });
  const type = answer.headers.get("content-type") ?? "application/json";
  response.writeHead(answer.status, { "content-type": type });
  response.end(new Uint8Array(await answer.arrayBuffer()));
}

function end(path: string, argv: readonly string[], env: Record<string, string | undefined>) {
  const { promise, resolve, reject } = Promise.withResolvers<
    { code: number | null; out: string }
  >();
  const child = spawn(path, [...argv], { env });
  let out = "";
  child.stdout.on("data", (chunk) => out += chunk);
  child.on("error", reject);
  child.on("close", (code) => resolve({ code, out }));
  child.stdin.end(MANIFEST);
  return promise;
}

for (const [line, expected] of LINES) {
  Deno.test({
    ...needs(["kubectl", "time"], `"${line}" means what its normal form means`),
    fn: async () => {
      const [program = "", ...argv] = line.split(" ");
      const { normal } = readWords(program as ProgramName, argv);
      const [plain, normalized] = [
        await run(program as ProgramName, argv),
        await run(program as ProgramName, normal),
      ];
      assert.deepEqual(normalized.requests, plain.requests, normal.join(" "));
      assert.equal(normalized.code, plain.code, normal.join(" "));
      assert.equal(normalized.out.length > 0, plain.out.length > 0, normal.join(" "));
      assert.ok(
        expected === "" || plain.requests.some((request) => request.includes(expected)),
        plain.requests.join("\n"),
      );
    },
  });
}
