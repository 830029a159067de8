/** The programs behind the door do what they do without it: the same output, the same exit code. */
import assert from "node:assert/strict";
import { programEnvironment } from "../../lib/cli/program.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { Rule } from "../../lib/policy/types.ts";
import type { ProgramName } from "../../lib/programs/types.ts";
import { CONTROL_PLANE, HELM, KUBECTL, LOGGER, realKubeconfig } from "../support/clusters.ts";
import { programBrokers, testDoor } from "../support/door.ts";
import { needs } from "../support/needs.ts";
import { FILES, HELM_LINES, KUBECTL_LINES } from "./invocations.ts";

/** All that there is, as it is. */
const EVERYTHING: readonly Rule[] = [
  { source: "test", effect: "allow", resources: ["*", "*/*"], reveal: true },
  { source: "test", effect: "allow", verbs: ["bind", "escalate"] },
];

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  program: string,
  line: string,
  { folder, kubeconfig, namespace }: {
    readonly folder: string;
    readonly kubeconfig: string;
    readonly namespace: string;
  },
): Promise<Run> {
  const words = line.replaceAll("NS", namespace).split(" ").map((word) =>
    word.replaceAll("@", " ")
  );
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...words, ...(words.includes("--all-namespaces") ? [] : [`--namespace=${namespace}`])]
      .sort((one, other) =>
        Number(isAfterDashes(one, words)) - Number(isAfterDashes(other, words))
      ),
    cwd: folder,
    clearEnv: true,
    env: programEnvironment(kubeconfig, { PATH: Deno.env.get("PATH") ?? "", HOME: folder }),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** What a program's command in a container has for words stays behind its own dashes. */
function isAfterDashes(word: string, words: readonly string[]): boolean {
  const dashes = words.indexOf("--");
  return dashes >= 0 && words.indexOf(word) >= dashes;
}

/** What differs from run to run, in words of its own. */
function comparable({ code, out, err }: Run, namespace: string, url?: string): Run {
  const plain = (text: string) =>
    (url === undefined ? text : text.replaceAll(url, "SERVER"))
      .replaceAll(/https:\/\/127\.0\.0\.1:\d+/g, "SERVER")
      .replaceAll(namespace, "NS")
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
      .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| \+0000 UTC)?/g, "TIME")
      .replaceAll(
        /\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g,
        "TIME",
      )
      // How far a rollout is on the way is a matter of moments.
      .replaceAll(/^Waiting for .*\n/gm, "")
      .replaceAll(/\b(zone|region|node)-\d+\b/g, "$1")
      .replaceAll(/"?resourceVersion"?: ?"?\d+"?/g, "VERSION")
      .replaceAll(/\b1[07]\.\d+\.\d+\.\d+\b/g, "IP")
      .replaceAll(/\b(?:\d+[smh]){1,2}(?=\s|$|\))/g, "AGE")
      .replaceAll(/-[0-9a-f]{8,10}-\w{5}\b/g, "-POD")
      .replaceAll(/-[0-9a-f]{8,10}\b/g, "-HASH")
      .replaceAll(/pod-template-hash[=:] ?"?\w+/g, "HASH")
      .replaceAll(/(LIVE|MERGED)-\d+/g, "$1")
      .replaceAll(/"?(?:createdAt|modifiedAt)"?(?:: ?|=)"?\d+"?/g, "TIME")
      .replaceAll(/^([A-Z][\w-]* +)+\w*$/gm, (line) => line.replaceAll(/ +/g, " "))
      .replaceAll(/[ \t]+/g, " ");
  return { code, out: plain(out), err: plain(err) };
}

function invocationTest(name: ProgramName, program: string, lines: readonly string[]): void {
  Deno.test(
    needs([...CONTROL_PLANE.needs, "time"], `${name} does the same behind the door as without it`),
    async (test) => {
      const folder = await Deno.makeTempDir();
      for (const [path, text] of Object.entries(FILES)) {
        const parts = path.split("/");
        await Deno.mkdir([folder, ...parts.slice(0, -1)].join("/"), { recursive: true });
        await Deno.writeTextFile(`${folder}/${path}`, text);
      }
      const suffix = crypto.randomUUID().slice(0, 8);
      const [plainly, behind] = [`plain-${suffix}`, `doors-${suffix}`];
      const admin = realKubeconfig();
      const kubectl = (line: string) =>
        run(KUBECTL, line, { folder, kubeconfig: admin, namespace: "default" });
      for (const namespace of [plainly, behind]) await kubectl(`create namespace ${namespace}`);
      const policy = makePolicy({ mode: "read-write", profile: "open", rules: EVERYTHING });
      await using brokers = await programBrokers(CONTROL_PLANE, () => policy);
      await using open = await testDoor(brokers, { program: name, logger: LOGGER });
      const kubeconfig = `${folder}/kubeconfig`;
      await Deno.writeTextFile(kubeconfig, open.door.kubeconfig);
      try {
        for (const line of lines) {
          await test.step(line, async () => {
            const words = line.replace(/^~/, "");
            const [expected, shown] = await Promise.all([
              run(program, words, { folder, kubeconfig: admin, namespace: plainly }),
              run(program, words, { folder, kubeconfig, namespace: behind }),
            ]);
            const sorted = (done: Run) =>
              words === line ? done : { ...done, out: done.out.split("\n").sort().join("\n") };
            assert.deepEqual(
              sorted(comparable(shown, behind, open.url)),
              sorted(comparable(expected, plainly)),
            );
          });
        }
      } finally {
        for (const namespace of [plainly, behind]) {
          await kubectl(`delete namespace ${namespace} --wait=false`);
        }
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}

invocationTest("kubectl", KUBECTL, KUBECTL_LINES);
invocationTest("helm", HELM, HELM_LINES);
