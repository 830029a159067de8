/**
 * Twelve questions as people ask them, each with the script that a model would answer it by, and a
 * check of the answer against kubectl: its own formatting where it has one, else its JSON.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import type { Kubectl } from "./kubectl.ts";

/** One question. */
export interface Task {
  readonly name: string;
  readonly question: string;
  /** Fails where the script's value is not what kubectl says. */
  // deno-lint-ignore no-explicit-any -- each script answers in a form of its own
  check(answer: any, kubectl: Kubectl): Promise<void>;
  /** What the objects of the tests make it find; `demo` where its story alone does. */
  readonly finds: { readonly demo: RegExp; readonly "control plane": RegExp };
}

/** The text of a task's script. */
export function scriptOf({ name }: Task): string {
  return Deno.readTextFileSync(new URL(`./scripts/${name}.js`, import.meta.url)).trimEnd();
}

const sorted = <Value>(list: readonly Value[]) =>
  list.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

/** The same lists in one order, so that they can be compared. */
const same = (answer: readonly unknown[], expected: readonly unknown[]) =>
  assert.deepEqual(sorted(answer), sorted(expected));

const selectorText = (cell: string | undefined) => cell === "<none>" ? "" : cell ?? "";

/** An amount as `kubectl describe` writes it. */
function amountOf(text = ""): number {
  const [, number, unit = ""] = /^(\d+)(\D*)$/.exec(text) ?? [];
  return Number(number) *
    ({ m: 1e-3, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }[unit] ?? 1);
}

/** All strings under a key anywhere below. */
function* namesUnder(value: unknown, keys: readonly string[]): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (keys.includes(key)) yield (member as { name: string }).name;
    yield* namesUnder(member, keys);
  }
}

/** All tasks. */
export const TASKS: readonly Task[] = [
  {
    name: "restarts",
    question: "Which pods have restarted, by namespace, and how often?",
    async check(answer, kubectl) {
      const expected: Record<string, Record<string, number>> = {};
      for (const line of (await kubectl("get pods -A --no-headers")).split("\n")) {
        const [, namespace = "", pod = "", count] = /^(\S+) +(\S+) +\S+ +\S+ +(\d+)/.exec(line) ??
          [];
        if (Number(count) > 0) (expected[namespace] ??= {})[pod] = Number(count);
      }
      assert.deepEqual(answer, expected);
    },
    finds: { demo: /"checkout-\S+?":14/, "control plane": /"crashing-\S+?":7/ },
  },
  {
    name: "images",
    question: "Which images are in use, and in which tags?",
    async check(answer: Record<string, string[]>, kubectl) {
      const images = await kubectl(
        "get pods -A -o",
        "jsonpath={.items[*].spec.containers[*].image} {.items[*].spec.initContainers[*].image}",
      );
      const given = Object.entries(answer)
        .flatMap(([image, tags]) => tags.map((tag) => tag ? `${image}:${tag}` : image));
      same(given, [...new Set(images.split(/\s+/).filter(Boolean))]);
    },
    finds: {
      demo: /"registry.demo.kubecode.dev\/shop\/catalog":\["1.9.3","v2.0.1"\]/,
      "control plane": /"registry.example.com:5000\/tasks\/well":\["1.0"\]/,
    },
  },
  {
    name: "services_without_endpoints",
    question: "Which services have no endpoints, and why?",
    async check(answer, kubectl) {
      const [endpoints, services] = await Promise.all([
        kubectl.items("endpoints"),
        kubectl.rows("services", "-o", "wide"),
      ]);
      const served = new Set(
        // The column of them is empty, or "<none>", where nothing is ready.
        endpoints.filter(({ subsets = [] }) =>
          subsets.some(({ addresses = [] }) => addresses.length > 0)
        ).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      );
      const expected = [];
      for (const [namespace, name, type, , , , , cell] of services) {
        if (served.has(`${namespace}/${name}`) || type === "ExternalName") continue;
        const selector = selectorText(cell);
        const pods = selector === ""
          ? ""
          : await kubectl(`get pods -n ${namespace} -o name -l ${selector}`);
        const count = pods.split("\n").filter(Boolean).length;
        expected.push([
          `${namespace}/${name}`,
          selector === ""
            ? "no selector"
            : count > 0
            ? `none of ${count} pods is ready`
            : "selector matches no pod",
        ]);
      }
      same(answer, expected);
    },
    finds: {
      demo: /"shop\/recommendations","selector matches no pod"/,
      "control plane": /crashing","none of 1 pods is ready".*misspelt","selector matches no pod"/,
    },
  },
  {
    name: "deployments_not_ready",
    question: "Which deployments are not ready, and why?",
    async check(answer: string[][], kubectl) {
      const expected = [];
      for (const cells of await kubectl.rows("deployments", "-o", "wide")) {
        const [namespace, name, ready = "", ...rest] = cells;
        const [now, wanted] = ready.split("/").map(Number);
        if (now! >= wanted!) continue;
        const pods = `get pods -n ${namespace} -l ${rest.at(-1)} --no-headers -o`;
        const why = [
          await kubectl(
            `get deployment -n ${namespace} ${name} -o`,
            'jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].message}',
          ),
          await kubectl(
            pods,
            'jsonpath={range .items[*]}{.status.conditions[?(@.reason=="Unschedulable")].message}{"\\n"}{end}',
          ),
          (await kubectl(`${pods} wide`)).replaceAll(/^\S+ +\S+ +(\S+) .*$/gm, "$1")
            .replaceAll(/^(Running|Pending)$/gm, ""),
        ].flatMap((text) => text.split("\n")).filter(Boolean);
        expected.push([namespace, name, ready, ...sorted([...new Set(why)])]);
      }
      same(answer.map(([ns, name, ready, ...why]) => [ns, name, ready, ...sorted(why)]), expected);
    },
    finds: {
      demo: /"catalog-v2","0\/2","ImagePullBackOff".*"checkout","0\/2","CrashLoopBackOff"/,
      "control plane":
        /CrashLoopBackOff.*serviceaccount \\"missing\\" not found.*Insufficient memory/,
    },
  },
  {
    name: "requests_by_node",
    question: "How much of each node's capacity is requested?",
    async check(answer, kubectl) {
      const described = (await kubectl("describe nodes")).split(/^(?=Name: )/m).filter(Boolean);
      assert.equal(Object.keys(answer).length, described.length);
      for (const text of described) {
        const name = /^Name: +(\S+)/.exec(text)?.[1] ?? "";
        for (const resource of ["cpu", "memory"]) {
          const amount = (part: string) =>
            amountOf(new RegExp(`^${part}.*?^  ${resource}:? +(\\S+)`, "ms").exec(text)?.[1]);
          const share = 100 * amount("Allocated resources:") / amount("Allocatable:");
          // Rounded to whole percents.
          const given = parseFloat(answer[name][resource]);
          assert.ok(Math.abs(given - share) < 0.501, `${name} ${resource}: ${given}, ${share}`);
        }
      }
    },
    finds: { demo: /"demo-1":{"cpu":"[1-9]/, "control plane": /"node-0":{"cpu":"\d+%"/ },
  },
  {
    name: "unused_config_maps",
    question: "Which config maps does no pod use?",
    async check(answer, kubectl) {
      const used = new Set<string>();
      const keys = ["configMap", "configMapRef", "configMapKeyRef"];
      for (const pod of await kubectl.items("pods")) {
        for (const name of namesUnder(pod.spec, keys)) {
          used.add(`${pod.metadata.namespace}/${name}`);
        }
      }
      const all = (await kubectl.rows("configmaps")).map(([namespace, name]) =>
        `${namespace}/${name}`
      );
      same(answer, all.filter((name) => !used.has(name) && !name.endsWith("/kube-root-ca.crt")));
    },
    finds: { demo: /"shop\/summer-sale-2024"/, "control plane": /"tasks-\w+\/orphan"/ },
  },
  {
    name: "top_memory",
    question: "Which five pods use the most memory, in MiB?",
    async check(answer: [string, number][], kubectl) {
      const text = await kubectl("top pods -A --no-headers --sort-by=memory");
      const rows = text.split("\n").filter(Boolean).map((line) => line.split(/\s+/));
      const usage = new Map(
        rows.map(([namespace, name, , memory]) => [`${namespace}/${name}`, parseInt(memory!)]),
      );
      assert.deepEqual(answer.map(([, used]) => used), [...usage.values()].slice(0, 5));
      for (const [name, used] of answer) assert.equal(used, usage.get(name), name);
    },
    finds: { demo: /^\[\["shop\/postgres-0",/, "control plane": /\/well-\S+?",30\d\d\]/ },
  },
  {
    name: "warnings",
    question: "What warnings are there, by reason?",
    async check(answer: Record<string, { times: number; objects: string[] }>, kubectl) {
      const columns = "custom-columns=R:.reason,C:.count,K:.involvedObject.kind," +
        "S:.involvedObject.namespace,N:.involvedObject.name";
      const rows = await kubectl.rows("events", "--field-selector=type=Warning", "-o", columns);
      const expected: Record<string, { times: number; objects: Set<string> }> = {};
      for (const [reason = "", count, kind, namespace, name] of rows) {
        const of = expected[reason] ??= { times: 0, objects: new Set() };
        of.times += count === "<none>" ? 1 : Number(count);
        // An event may say no namespace of what it is about; JavaScript writes that in its own way.
        of.objects.add(`${kind} ${namespace === "<none>" ? undefined : namespace}/${name}`);
      }
      assert.deepEqual(Object.keys(answer).toSorted(), Object.keys(expected).toSorted());
      for (const [reason, { times, objects }] of Object.entries(expected)) {
        assert.equal(answer[reason]!.times, times, reason);
        same(answer[reason]!.objects, [...objects]);
      }
    },
    finds: {
      demo: /"NoEndpoints":{"times":27,"objects":\["Service shop\/recommendations"\]/,
      "control plane": /"FailedCreate":.*"ReplicaSet tasks-/,
    },
  },
  {
    name: "custom_resources",
    question: "Which shops are not in the phase Ready, and what do they say?",
    async check(answer, kubectl) {
      const columns = "custom-columns=S:.metadata.namespace,N:.metadata.name,P:.status.phase," +
        'M:.status.conditions[?(@.type=="Ready")].message';
      const rows = await kubectl.rows("shops.demo.kubecode.dev", "-o", columns);
      same(
        answer,
        rows.filter(([, , phase]) => phase !== "Ready")
          .map(([namespace, name, ...rest]) => [`${namespace}/${name}`, ...rest]),
      );
    },
    finds: { demo: /shop\/lisbon","Degraded"/, "control plane": /turin","Degraded"/ },
  },
  {
    name: "certificates",
    question: "Which certificates in TLS secrets expire next, without showing them?",
    async check(answer, kubectl) {
      const expected = (await kubectl.items("secrets", "--field-selector=type=kubernetes.io/tls"))
        .map(({ metadata, data }) => {
          const certificate = new X509Certificate(atob(data["tls.crt"]));
          const end = new Date(certificate.validTo).toISOString().replace(".000Z", "Z");
          const names = certificate.subjectAltName?.split(", ")
            .map((name) => name.replace("DNS:", "")) ?? [];
          return [end, `${metadata.namespace}/${metadata.name}`, ...names];
        });
      assert.deepEqual(answer, expected.toSorted());
      assert.doesNotMatch(JSON.stringify(answer), /LS0t|-----|MII/);
    },
    finds: {
      demo: /\/gone","gone.example.com"\],\S+\/soon","soon.example.com"\],\S+\/late"/,
      "control plane": /\/gone","gone.example.com"\],\S+\/soon","soon.example.com"\],\S+\/late"/,
    },
  },
  {
    name: "changed",
    question: "What workloads have changed in the last hour, and by whom?",
    async check(answer, kubectl) {
      const expected = [];
      for (const kind of ["deployments", "statefulSets", "daemonSets"]) {
        for (const { metadata } of await kubectl.items(kind, "--show-managed-fields")) {
          const { namespace, name, creationTimestamp, managedFields = [] } = metadata;
          const recent = (time: string) => Date.now() - Date.parse(time) < 3_600_000;
          const managers = managedFields
            .filter((of: { subresource?: string; time: string }) =>
              !of.subresource && recent(of.time)
            )
            .map((of: { manager: string }) => of.manager);
          if (recent(creationTimestamp)) expected.push([kind, namespace, name, "created"]);
          else if (managers.length > 0) expected.push([kind, namespace, name, ...managers]);
        }
      }
      same(answer, expected);
    },
    finds: {
      demo: /"shop","catalog-v2","created".*"shop","storefront","kubectl/,
      "control plane": /"tasks-\w+","crashing","created"/,
    },
  },
  {
    name: "who_deletes_pods",
    question: "Who may delete pods, and where?",
    async check(answer: Record<string, string[]>, kubectl) {
      const names = (kind: string) =>
        kubectl.items(kind).then((roles) =>
          roles.filter(({ rules }) => JSON.stringify((rules ?? []).filter(allows)) !== "[]")
            .map(({ kind, metadata: { namespace, name } }) => [kind, namespace, name].join())
        );
      const able = new Set([...await names("clusterroles"), ...await names("roles")]);
      const expected: Record<string, string[]> = {};
      for (
        const { metadata, roleRef, subjects } of [
          ...await kubectl.items("clusterrolebindings"),
          ...await kubectl.items("rolebindings"),
        ]
      ) {
        const home = roleRef.kind === "Role" ? metadata.namespace : undefined;
        if (!able.has([roleRef.kind, home, roleRef.name].join())) continue;
        for (const { kind, namespace, name } of subjects ?? []) {
          (expected[metadata.namespace ?? "everywhere"] ??= [])
            .push(`${kind} ${namespace ? `${namespace}/` : ""}${name}`);
        }
      }
      for (const place of Object.keys({ ...answer, ...expected })) {
        same(answer[place] ?? [], expected[place] ?? []);
      }
    },
    finds: {
      demo: /"everywhere":\[.*"Group system:masters"/,
      "control plane": /"tasks-\w+":\[("ServiceAccount \S+\/robot"|"User \S+-janitor"|,){3}\]/,
    },
  },
];

function allows(rule: Readonly<Record<string, string[]>>): boolean {
  const has = (list: string[] = [], value: string) => list.includes(value) || list.includes("*");
  return has(rule.apiGroups, "") && has(rule.resources, "pods") && has(rule.verbs, "delete");
}
