/** helm behind the door: its releases are its own, and what they hide shows nowhere. */
import assert from "node:assert/strict";
import { programEnvironment } from "../../lib/cli/program.ts";
import { runAtTerminal } from "../../lib/cli/run.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { CONTROL_PLANE, HELM, KUBECTL, LOGGER, realKubeconfig } from "../support/clusters.ts";
import { programBrokers, testDoor } from "../support/door.ts";
import { needs } from "../support/needs.ts";

const PASSWORD = "kestrel-harbour-42";
const KEY =
  "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----";

const CHART: Readonly<Record<string, string>> = {
  "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
  "values.yaml": `password: ${PASSWORD}\nreplicas: 1\nkey: |\n${KEY.replaceAll(/^/gm, "  ")}\n`,
  "templates/NOTES.txt": "Log in with {{ .Values.password }}\n",
  "templates/secret.yaml":
    'apiVersion: v1\nkind: Secret\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {password: "{{ .Values.password | b64enc }}"}\n',
  "templates/looked-up.yaml":
    '{{- $old := lookup "v1" "Secret" .Release.Namespace "other" }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}-seen"}\ndata: {found: "{{ if .Values.copy }}{{ $old.data.token }}{{ else if $old }}yes{{ end }}", replicas: "{{ .Values.replicas }}"}\n',
};

interface Place {
  readonly folder: string;
  readonly namespace: string;
  /** kubectl as the cluster's administrator. */
  admin(line: string): Promise<string>;
}

async function program(path: string, kubeconfig: string, { folder }: Place, line: string) {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args: line.split(" "),
    clearEnv: true,
    env: programEnvironment(kubeconfig, { PATH: Deno.env.get("PATH") ?? "", HOME: folder }),
  }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { code, text };
}

function helmTest(fact: string, body: (place: Place) => Promise<void>): void {
  Deno.test(needs([...CONTROL_PLANE.needs, "time"], `helm: ${fact}`), async () => {
    const folder = await Deno.makeTempDir();
    await Deno.mkdir(`${folder}/chart/templates`, { recursive: true });
    for (const [path, text] of Object.entries(CHART)) {
      await Deno.writeTextFile(`${folder}/chart/${path}`, text);
    }
    const namespace = `helm-${crypto.randomUUID().slice(0, 8)}`;
    const place: Place = {
      folder,
      namespace,
      async admin(line) {
        const { code, text } = await program(KUBECTL, realKubeconfig(), place, line);
        assert.equal(code, 0, text);
        return text;
      },
    };
    await place.admin(`create namespace ${namespace}`);
    try {
      await body(place);
    } finally {
      await place.admin(`delete namespace ${namespace} --wait=false`);
      await Deno.remove(folder, { recursive: true });
    }
  });
}

helmTest("its output shows nothing of what its releases and the cluster hide", async (place) => {
  const { folder, namespace } = place;
  await place.admin(
    `create secret generic other -n ${namespace} --from-literal=token=walrus-lantern-77`,
  );
  await using brokers = await programBrokers(
    CONTROL_PLANE,
    () => makePolicy({ mode: "read-write" }),
  );
  await using open = await testDoor(brokers, { program: "helm" });
  const kubeconfig = `${folder}/kubeconfig`;
  await Deno.writeTextFile(kubeconfig, open.door.kubeconfig);
  const helm = async (line: string, code = 0) => {
    const done = await program(HELM, kubeconfig, place, `${line} -n ${namespace}`);
    assert.equal(done.code, code, done.text);
    return await open.door.hide(done.text);
  };
  const shown: string[] = [await helm(`install shop ${folder}/chart`)];
  for (
    const line of [
      "get all shop",
      "get values shop --all",
      "get values shop --all -o json",
      "get manifest shop",
      "get notes shop",
      "status shop -o json",
      `upgrade shop ${folder}/chart --set replicas=2 --debug`,
      "history shop -o yaml",
      "rollback shop 1",
      `upgrade shop ${folder}/chart --dry-run=server`,
    ]
  ) shown.push(await helm(line));
  const all = shown.join("\n");
  assert.match(all, /STATUS: deployed/);
  assert.match(all, /password: "?\[redacted:[0-9a-f]{12}\]/);
  for (const hidden of [PASSWORD, btoa(PASSWORD), "walrus-lantern", btoa("walrus-lantern-77")]) {
    assert.ok(!all.includes(hidden), `${hidden} shows`);
  }
  assert.doesNotMatch(all, /MIIEvQIBADANBgkqhkiG9w0BAQEFAASC|BKcwggSjAgEAAoIBAQC7/);
  // What helm wrote is what the chart says.
  const stored = await place.admin(`get secret shop -n ${namespace} -o jsonpath={.data.password}`);
  assert.equal(stored, btoa(PASSWORD));
  const looked = await place.admin(`get cm shop-seen -n ${namespace} -o jsonpath={.data.found}`);
  assert.equal(looked, "yes");
  const copied = await helm(`upgrade shop ${folder}/chart --set copy=true`, 1);
  assert.match(copied, /Cannot write the redacted value at "data\.found"/);
});

helmTest("no other program reads its releases", async (place) => {
  const { folder, namespace } = place;
  const admin = await program(
    HELM,
    realKubeconfig(),
    place,
    `install shop ${folder}/chart -n ${namespace}`,
  );
  assert.equal(admin.code, 0, admin.text);
  await using brokers = await programBrokers(
    CONTROL_PLANE,
    () => makePolicy({ mode: "read-only" }),
  );
  await using open = await testDoor(brokers, { program: "kubectl" });
  const kubeconfig = `${folder}/kubeconfig`;
  await Deno.writeTextFile(kubeconfig, open.door.kubeconfig);
  const { text } = await program(
    KUBECTL,
    kubeconfig,
    place,
    `get secrets -n ${namespace} -o jsonpath={.items[*].data.release}`,
  );
  assert.match(atob(text), /^\[redacted:[0-9a-f]{12}\]$/);
  // Nor does a Secret that only says that it is one, for helm itself.
  await place.admin(
    `create secret generic fake -n ${namespace} --type=helm.sh/release.v1 --from-literal=release=${PASSWORD}`,
  );
  await using own = await testDoor(brokers, { program: "helm" });
  const release = async (name: string, accept: string) => {
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    const response = await own.ask(path, { headers: { accept } });
    return atob((await response.json()).data.release);
  };
  const storage = "application/vnd.kubernetes.protobuf,application/json";
  assert.match(await release("fake", storage), /^\[redacted:[0-9a-f]{12}\]$/);
  // As a template's lookup asks: what a chart finds it could write in any form.
  const own1 = "sh.helm.release.v1.shop.v1";
  assert.match(await release(own1, "application/json"), /^\[redacted:[0-9a-f]{12}\]$/);
  assert.match(await release(own1, storage), /^H4sI/);
});

helmTest("a release that a person has approved is made as it was shown", async (place) => {
  const { folder, namespace } = place;
  await using brokers = await programBrokers(CONTROL_PLANE, () => makePolicy({ mode: "approve" }));
  const plans: string[] = [];
  const run = (words: string, answer: boolean) =>
    runAtTerminal(
      { brokers, logger: LOGGER, signal: new AbortController().signal },
      {
        command: [HELM, ...words.split(" "), "-n", namespace],
        dryRun: false,
        mayAsk: true,
        ask(plan) {
          plans.push(plan);
          return Promise.resolve(answer);
        },
        record() {},
      },
      { out() {}, err() {} },
    );
  assert.equal(await run(`install shop ${folder}/chart`, false), 1);
  assert.match(plans[0] ?? "", /create secrets [\w-]+\/shop\b/);
  assert.match(plans[0] ?? "", /\(helm release shop, revision 1: deployed, chart shop 0\.1\.0\)/);
  assert.equal(await place.admin(`get secrets -n ${namespace} -o name`), "");
  assert.equal(await run(`install shop ${folder}/chart`, true), 0);
  assert.equal(await run(`upgrade shop ${folder}/chart --set replicas=3`, true), 0);
  assert.match(plans[2] ?? "", /data\.replicas: "1" → "3"/);
  const now = await place.admin(`get cm shop-seen -n ${namespace} -o jsonpath={.data.replicas}`);
  assert.equal(now, "3");
});
