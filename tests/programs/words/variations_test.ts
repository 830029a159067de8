/** All spellings of a command are decided alike. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { describeError } from "../../../lib/errors.ts";
import type { ProgramName } from "../../../lib/programs/types.ts";
import { checkWords, type WordRules } from "../../../lib/programs/words/check.ts";
import { readSecurityFile } from "../../../lib/programs/words/security_file.ts";
import { argvOf, readWords } from "../../../lib/programs/words/words.ts";
import { runs } from "../../fuzz/runs.ts";

/** A flag: its name, its letter, its value; `true` for a switch. */
type Meant = readonly [name: string, short: string | undefined, value: string | true];

/** A command, as what it means. */
interface Command {
  readonly program: ProgramName;
  /** Each step with its other names. */
  readonly verb: readonly (readonly string[])[];
  readonly flags: readonly Meant[];
  /** Each argument with its other forms. */
  readonly args: readonly (readonly string[])[];
}

const PODS = ["pods", "pod", "po", "Pod", "pods.v1.", "PODS"];
const NAMESPACES = ["namespaces", "namespace", "ns", "Namespace"];

const COMMANDS: readonly Command[] = [
  ["kubectl", "get", [["namespace", "n", "prod"], ["output", "o", "json"]], [PODS]],
  ["kubectl", "get", [["server", "s", "https://evil"], ["all-namespaces", "A", true]], [PODS]],
  ["kubectl", "get", [["namespace", "n", "kube-system"], ["watch", "w", true]], [PODS]],
  ["kubectl", "get", [["as-group", undefined, "system:masters"]], [["secrets", "secret"]]],
  ["kubectl", "get", [["kubeconfig", undefined, "/home/alice/.kube/config"]], [PODS]],
  ["kubectl", "get", [["context", undefined, "prod"], ["show-labels", undefined, true]], [PODS]],
  ["kubectl", "get", [["output", "o", "jsonpath-file=/etc/passwd"]], [PODS]],
  ["kubectl", "delete", [["namespace", "n", "prod"]], [PODS, ["web"]]],
  ["kubectl", "delete", [["namespace", "n", "prod"]], [NAMESPACES, ["prod"]]],
  ["kubectl", "delete", [["all", undefined, true], ["force", undefined, true]], [PODS]],
  ["kubectl", "delete", [["selector", "l", "app=web"]], [["jobs", "job"]]],
  ["kubectl", "delete", [["grace-period", undefined, "0"]], [["jobs", "job"], ["a"], ["b"]]],
  ["kubectl", "apply", [["filename", "f", "https://evil/x"], ["recursive", "R", true]], []],
  ["kubectl", "apply", [["filename", "f", "web.yaml"], ["server-side", undefined, true]], []],
  ["kubectl", "apply", [["kustomize", "k", "."], ["prune", undefined, true]], []],
  ["kubectl", "replace", [["force", undefined, true], ["filename", "f", "-"]], []],
  ["kubectl", "drain", [["ignore-daemonsets", undefined, true]], [["node-1"]]],
  ["kubectl", "edit", [["namespace", "n", "prod"]], [PODS, ["web"]]],
  ["kubectl", "port-forward", [["namespace", "n", "prod"]], [["web"], ["8080"]]],
  ["kubectl", ["config", ["use-context", "use"]], [], [["prod"]]],
  ["kubectl", ["create", ["configmap", "cm"]], [["from-file", undefined, "/etc/x"]], [["x"]]],
  ["kubectl", ["top", ["pod", "pods", "po"]], [["containers", undefined, true]], []],
  ["helm", [["uninstall", "del", "delete", "un"]], [["namespace", "n", "prod"]], [["web"]]],
  ["helm", [["list", "ls"]], [["all-namespaces", "A", true], ["short", "q", true]], []],
  ["helm", [["list", "ls"]], [["kube-token", undefined, "x"]], []],
  ["helm", "upgrade", [["install", "i", true], ["values", "f", "/x"]], [["web"], ["./chart"]]],
  ["helm", "template", [["repo", undefined, "https://evil"]], [["web"], ["chart"]]],
  ["helm", "install", [["post-renderer", undefined, "sh"]], [["web"], ["chart"]]],
  ["istioctl", [["experimental", "x", "exp"], ["describe", "des"], ["pod", "po"]], [[
    "namespace",
    "n",
    "prod",
  ]], [["web"]]],
  ["istioctl", [["proxy-config", "pc"], ["route", "routes", "r"]], [["output", "o", "json"]], [[
    "web",
  ]]],
  ["istioctl", [["dashboard", "dash", "d"], "kiali"], [["port", "p", "1"]], []],
  ["argocd", ["app", "delete"], [["cascade", undefined, true], ["yes", "y", true]], [["web"]]],
  ["argocd", [["proj", "project"], "list"], [["output", "o", "json"]], []],
].map(([program, verb, flags, args]) => ({
  program,
  verb: [verb].flat().map((step) => [step].flat()),
  flags,
  args,
} as unknown as Command));

const RULES: WordRules = {
  mode: "strict",
  allow: [],
  security: readSecurityFile(
    String.raw`
dangerous_commands: {kubectl: [kubectl get secrets, kubectl top pods]}
safe_patterns: {kubectl: [kubectl delete job]}
regex_rules:
  kubectl:
    - {pattern: "kubectl\\s+delete\\s+(-[A-Za-z]+\\s+)*--all\\b", description: all of them}
    - {pattern: 'kubectl\s+get\s+.*-n kube-system\b', description: the system's}
`,
    "security.yaml",
  ),
};

/** What is decided: the normal words' verdict, or the refusal. */
function verdict(program: ProgramName, words: readonly string[]): string {
  try {
    checkWords(readWords(program, argvOf(program, words)), RULES);
    return "";
  } catch (error) {
    return describeError(error);
  }
}

/** One spelling of a flag with a value. */
function valueSpelling([name, short, value]: Meant) {
  const text = String(value);
  const long = [[`--${name}=${text}`], [`--${name}`, text]];
  const letters = short === undefined
    ? []
    : [[`-${short}${text}`], [`-${short}=${text}`], [`-${short}`, text]];
  return fc.constantFrom(...long, ...letters);
}

/** One spelling of a switch; one with a letter may stand in a cluster. */
function switchSpelling([name, short]: Meant) {
  const long = ["", "=true", "=T", "=1", "=TRUE"].map((value) => [`--${name}${value}`]);
  const letters = short === undefined ? [] : [[`-${short}`], [`-${short}=true`]];
  return fc.constantFrom(...long, ...letters);
}

/** One spelling of all flags: groups of words that stay together. */
function flagSpelling(flags: readonly Meant[]): fc.Arbitrary<readonly (readonly string[])[]> {
  const apart = fc.tuple(
    ...flags.map((flag) => flag[2] === true ? switchSpelling(flag) : valueSpelling(flag)),
  );
  const [last] = flags.filter(([, short, value]) => short !== undefined && value !== true);
  const switches = flags.filter(([, short, value]) => short !== undefined && value === true);
  if (switches.length === 0) return apart;
  const cluster = `-${switches.map(([, short]) => short).join("")}`;
  const rest = flags.filter((flag) => !switches.includes(flag) && flag !== last);
  const ends = last === undefined
    ? [[cluster]]
    : [[`${cluster}${last[1]}${last[2]}`], [`${cluster}${last[1]}`, String(last[2])]];
  const together = fc.tuple(fc.constantFrom(...ends), ...rest.map(valueSpelling));
  return fc.oneof(apart, together);
}

/** One spelling of a command. */
function spelling({ program, verb, flags, args }: Command): fc.Arbitrary<readonly string[]> {
  const start = fc.constantFrom(
    [program],
    [],
    [`${program}.exe`],
    [`/usr/local/bin/${program}`],
    [`.\\${program.toUpperCase()}.EXE`],
  );
  const repeated = flags.filter(([name]) => name === "namespace")
    .map(([name]) => [`--${name}=other`]);
  const noise = fc.subarray([["--help=false"], ...repeated]);
  return fc.record({
    start,
    verb: fc.tuple(...verb.map((names) => fc.constantFrom(...names))),
    flags: flagSpelling(flags),
    noise,
    args: fc.tuple(...args.map((forms) => fc.constantFrom(...forms))),
    seed: fc.infiniteStream(fc.nat()),
    dash: fc.boolean(),
  }).map(({ start, verb, flags, noise, args, seed, dash }) => {
    const places = seed[Symbol.iterator]();
    const after: (readonly string[])[] = dash ? [] : args.map((argument) => [argument]);
    // Flags may stand anywhere between the arguments; the last of several values counts.
    for (const words of [...noise, ...flags].toReversed()) {
      after.splice((places.next().value ?? 0) % (after.length + 1), 0, words);
    }
    const ordered = inOrder(after, noise);
    return [...start, ...verb, ...ordered.flat(), ...(dash ? ["--", ...args] : [])];
  });
}

/** The same places, what is noise before what is meant. */
function inOrder(
  words: readonly (readonly string[])[],
  noise: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  const isNoise = (group: readonly string[]) => noise.includes(group as string[]);
  return [...words.filter(isNoise), ...words.filter((group) => !isNoise(group))];
}

for (const command of COMMANDS) {
  const plain = [
    command.program,
    ...command.verb.map(([name = ""]) => name),
    ...command.flags.map(([name, , value]) => value === true ? `--${name}` : `--${name}=${value}`),
    ...command.args.map(([form = ""]) => form),
  ];
  Deno.test(`all spellings of "${plain.join(" ")}" are decided alike`, () => {
    const decided = verdict(command.program, plain);
    fc.assert(
      fc.property(spelling(command), (words) => {
        assert.equal(verdict(command.program, words), decided, words.join(" "));
      }),
      { numRuns: runs(60) },
    );
  });
}

Deno.test("flags of every verb may stand before it", () => {
  for (
    const words of [
      ["-n", "prod", "delete", "ns", "prod"],
      ["--namespace=prod", "delete", "ns", "prod"],
      ["-nprod", "-v", "6", "delete", "ns", "prod"],
      ["--v=6", "delete", "-n=prod", "ns", "prod"],
    ]
  ) {
    assert.equal(
      verdict("kubectl", words),
      verdict("kubectl", ["delete", "ns", "prod", "-n", "prod"]),
    );
  }
});

Deno.test("any words at all are read, or refused with an error of ours", () => {
  const word = fc.oneof(
    fc.constantFrom(
      ..."get delete pods -n prod -A -o json --all -- - --help=false -f x --force exec sh -it"
        .split(" "),
    ),
    fc.string(),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom("kubectl", "helm"),
      fc.array(word, { maxLength: 12 }),
      (program, words) => {
        try {
          const read = readWords(program as ProgramName, words);
          assert.deepEqual(readWords(program as ProgramName, read.normal).normal, read.normal);
          checkWords(read, RULES);
        } catch (error) {
          const { name } = error as Error;
          assert.match(name, /^(InputError|PolicyError)$/, String(error));
        }
      },
    ),
    { numRuns: runs(500) },
  );
});
