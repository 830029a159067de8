/** What kubectl sends to a real API server as protobuf means to it what our reader reads. */
import assert from "node:assert/strict";
import type { Transport } from "../../lib/kube/types.ts";
import { PROTOBUF_MEDIA_TYPE } from "../../lib/protobuf/media_type.ts";
import { objectFromProtobuf } from "../../lib/protobuf/protobuf.ts";
import { stringifyExact } from "../../lib/std/json/exact.ts";
import { CONTROL_PLANE, KUBECTL, openTransport } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";

/** A request whose body is protobuf. */
interface Sent {
  readonly path: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

const signal = new AbortController().signal;

/** Hands requests on to the API server, and keeps those with protobuf in them. */
function startRecording(transport: Transport, sent: Sent[]): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const path = pathname + search;
    const body = await request.bytes();
    const type = request.headers.get("content-type") ?? "";
    if (type === PROTOBUF_MEDIA_TYPE && body.length) sent.push({ path, body });
    const headers = { accept: request.headers.get("accept") ?? "*/*", "content-type": type };
    const method = request.method as "GET" | "POST";
    return await transport.send({ method, path, headers, body }, signal);
  });
}

/** What the API server makes of an object, without what is of one request alone. */
async function answered(transport: Transport, path: string, type: string, body: Uint8Array) {
  const headers = { accept: "application/json", "content-type": type };
  const response = await transport.send(
    { method: "POST", path, headers, body: new Uint8Array(body) },
    signal,
  );
  const text = await response.text();
  assert.ok(response.ok, text);
  const { metadata } = JSON.parse(text);
  // A job's labels have it too.
  const object = JSON.parse(text.replaceAll(metadata.uid, "uid"));
  delete object.metadata.creationTimestamp;
  delete object.metadata.managedFields;
  return object;
}

const COMMANDS = [
  "create deployment web --image=nginx:1.27 --replicas=2 --port=80 -- sleep 1",
  "create configmap map --from-literal=a=ü --from-literal=b=",
  "create secret generic secret --from-literal=a=ü",
  "create secret docker-registry pull --docker-username=u --docker-password=p",
  "create quota quota --hard=pods=4,cpu=1500m",
  "create ingress web --rule=web.dev/x*=web:80,tls=cert",
  "create service nodeport web --tcp=80:8080",
  "create service clusterip headless --clusterip=None",
  "create serviceaccount worker",
  "create namespace only-tried-out",
  "create role reader --verb=get,list --resource=pods,deployments.apps",
  "create clusterrole reader --verb=get --non-resource-url=/healthz",
  "create rolebinding reader --role=reader --user=ann --serviceaccount=default:worker",
  "create clusterrolebinding reader --clusterrole=view --group=team",
  "create job once --image=busybox -- echo 1",
  "create cronjob nightly --image=busybox --schedule=1_2_*_*_*",
  "create poddisruptionbudget web --selector=app=web --min-available=50%",
  "create priorityclass low --value=-7 --description=low",
];

Deno.test({
  ...needs(["a control plane", "kubectl"], "protobuf: what kubectl sends is read as it is meant"),
  fn: async () => {
    await using opened = await openTransport(CONTROL_PLANE);
    const { transport } = opened;
    const sent: Sent[] = [];
    const server = startRecording(transport, sent);
    const folder = await Deno.makeTempDir();
    try {
      for (const command of COMMANDS) {
        const before = sent.length;
        const words = command.split(" ").map((word) => word.replaceAll("_", " "));
        // Before what a container is to run.
        words.splice(2, 0, "--dry-run=server", "-n", "default");
        const { stderr } = await new Deno.Command(KUBECTL, {
          args: [
            `--server=http://127.0.0.1:${server.addr.port}`,
            `--cache-dir=${folder}`,
            ...words,
          ],
          env: { HOME: folder, KUBECONFIG: "/dev/null" },
        }).output();
        assert.equal(sent.length, before + 1, command + new TextDecoder().decode(stderr));
        const { path, body } = sent[before]!;
        const json = new TextEncoder().encode(stringifyExact(objectFromProtobuf(body)));
        assert.deepEqual(
          await answered(transport, path, "application/json", json),
          await answered(transport, path, PROTOBUF_MEDIA_TYPE, body),
          command,
        );
      }
    } finally {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
