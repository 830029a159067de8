/** What the containers of the demo cluster write: made up, but the same lines at each reading. */
import type { KubeObject } from "../../kube/types.ts";
import type { Call } from "../base/cluster.ts";
import { hash } from "../base/json.ts";
import { at, listAt, numberAt, textAt } from "../../std/json/at.ts";
import { judge, stateOf } from "../controllers/kubelet.ts";
import { containerOf } from "./containers.ts";
import { badRequest, StatusError } from "../base/status.ts";

/** One line of a log. */
interface Line {
  readonly time: Date;
  readonly text: string;
}

/** Lines that are kept, as if the file had been rotated. */
const KEPT_LINES = 600;

const PATHS = [
  "/",
  "/products",
  "/products/1042",
  "/cart",
  "/api/v1/items?page=2",
  "/search?q=mug",
];
const pick = <T>(from: readonly T[], seed: number) => from[seed % from.length] as T;
const request = (seed: number) =>
  `GET ${pick(PATHS, seed)} ${seed % 41 === 0 ? 404 : 200} ${3 + seed % 90}ms`;

/** What a program writes again and again; by the name of its image. */
const CHATTER: Readonly<Record<string, readonly ((seed: number) => string)[]>> = {
  storefront: [(seed) => `level=info msg="${request(seed)}" trace=${seed.toString(16)}`],
  catalog: [
    (seed) => `INFO  catalog.http ${request(seed)}`,
    (seed) => `INFO  catalog.cache hit=${70 + seed % 29}% entries=${1200 + seed % 300}`,
  ],
  cart: [
    (seed) => `{"level":"info","msg":"cart updated","cart":"c-${seed % 9000}","items":${seed % 7}}`,
    (seed) => `{"level":"debug","msg":"redis ok","latencyMs":${1 + seed % 4}}`,
  ],
  checkout: [(seed) => `info: order o-${10_000 + seed % 9000} paid in ${80 + seed % 200} ms`],
  recommendations: [
    (seed) => `model=v14 served=0 waiting for requests, queue=${seed % 2}`,
  ],
  search: [(seed) => `[search] query took ${4 + seed % 30} ms, ${seed % 120} hits`],
  "payments-api": [
    (seed) => `INFO payment p-${seed % 90000} authorised amount=${seed % 200}.00 EUR`,
  ],
  "payments-worker": [(seed) => `INFO settled batch of ${seed % 40} payments`],
  postgres: [
    (seed) => `LOG:  checkpoint complete: wrote ${seed % 900} buffers (${seed % 6}.${seed % 10}%)`,
  ],
  redis: [(seed) => `1:M * ${100 + seed % 900} changes in 300 seconds. Saving...`],
  coredns: [
    (seed) =>
      `[INFO] 10.244.0.${seed % 250}:${
        40_000 + seed % 9999
      } - "A IN payments-api.payments.svc.cluster.local. udp" NOERROR`,
  ],
  controller: [
    (seed) => `W${seed % 9}: Service "shop/recommendations" does not have any active Endpoint.`,
    (seed) => `10.0.0.${seed % 250} - "${request(seed)}"`,
    () => 'W: Error obtaining Endpoints for Service "shop/reviews": no object matching key',
  ],
};
const QUIET: readonly ((seed: number) => string)[] = [
  (seed) => `level=info msg="still well" loop=${seed % 1000}`,
];

const program = (image: string) => (image.split("/").at(-1) ?? "").replace(/[:@].*$/, "");

function crashLines(image: string, variable: string, start: Date): Line[] {
  const name = program(image);
  return [
    `${name} ${/:([^:]+)$/.exec(image)?.[1] ?? ""} starting`,
    "config: reading from the environment",
    `FATAL config: required environment variable ${variable} is missing` +
    (variable === "PAYMENTS_URL" ? " (for example http://payments-api.payments:8080)" : ""),
    "    at loadConfig (/app/src/config.ts:41:11)",
    "    at main (/app/src/main.ts:12:18)",
  ].map((text, index) => ({ time: new Date(start.getTime() + 120 + index * 7), text }));
}

function healthyLines(pod: KubeObject, image: string, start: Date, now: Date): Line[] {
  const name = program(image);
  const talk = CHATTER[name] ?? QUIET;
  const every = (8 + hash(pod.metadata?.name ?? "") % 20) * 1_000;
  const total = Math.floor((now.getTime() - start.getTime()) / every);
  const from = Math.max(0, total - KEPT_LINES);
  const first: Line[] = from === 0
    ? [{ time: new Date(start.getTime() + 90), text: `${name} started, listening` }]
    : [];
  return [
    ...first,
    ...Array.from({ length: total - from }, (_, offset): Line => {
      const index = from + offset + 1;
      const seed = hash(`${pod.metadata?.name}${index}`);
      return {
        time: new Date(start.getTime() + index * every + seed % 900),
        text: pick(talk, seed >>> 5)(seed >>> 3),
      };
    }),
  ];
}

/** What a program writes that does its work and ends. */
function doneLines(image: string, start: Date): Line[] {
  return ["starting", "done, exit 0"].map((text, index) => ({
    time: new Date(start.getTime() + index * 900),
    text: `${program(image)} ${text}`,
  }));
}

function linesOf(call: Call, pod: KubeObject): Line[] {
  const { name, image, isDone } = containerOf(pod, call.query.get("container"));
  const previous = call.query.get("previous") === "true";
  const status = [
    ...listAt(pod, "status", "containerStatuses"),
    ...listAt(pod, "status", "initContainerStatuses"),
  ].find((one) => textAt(one, "name") === name);
  const state = stateOf(pod);
  const now = call.cluster.now();
  const last = at(status, "lastState", "terminated");
  if (previous && !last) {
    throw badRequest(`previous terminated container "${name}" in pod "${call.name}" not found`);
  }
  if (state === undefined || state === "unschedulable") return [];
  const started = new Date(textAt(pod, "status", "startTime"));
  if (isDone || state === "succeeded") return doneLines(image, started);
  if (state === "badImage") {
    throw badRequest(
      `container "${name}" in pod "${call.name}" is waiting to start: trying and failing to pull image`,
    );
  }
  const verdict = judge(pod.spec, pod.metadata?.namespace ?? "", call.cluster.store);
  const ended = last ?? at(status, "state", "terminated");
  if ((state === "crashing" || state === "failed") && "variable" in verdict) {
    const start = new Date(textAt(ended, "startedAt"));
    const earlier = previous && numberAt(status, "restartCount") > 1 ? 301_000 : 0;
    return crashLines(image, verdict.variable, new Date(start.getTime() - earlier));
  }
  return healthyLines(pod, image, started, now);
}

function wholeNumber(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null || text === "") return undefined;
  const value = Number(text);
  const least = name === "tailLines" ? 0 : 1;
  if (Number.isInteger(value) && value >= least) return value;
  const rule = least ? "must be greater than 0" : "must be greater than or equal to 0";
  throw new StatusError(
    422,
    "Invalid",
    `PodLogOptions "${call.name}" is invalid: ${name}: Invalid value: ${text}: ${rule}`,
    {
      name: call.name,
      kind: "PodLogOptions",
      causes: [{
        reason: "FieldValueInvalid",
        message: `Invalid value: ${text}: ${rule}`,
        field: name,
      }],
    },
  );
}

/**
 * The log of the container that a request names.
 * @throws {StatusError} 400 for a container that is not there or has nothing to say
 */
export function logOf(call: Call, pod: KubeObject): string {
  const tail = wholeNumber(call, "tailLines");
  const limit = wholeNumber(call, "limitBytes");
  const seconds = wholeNumber(call, "sinceSeconds");
  const sinceTime = Date.parse(call.query.get("sinceTime") ?? "");
  const since = seconds === undefined ? sinceTime : call.cluster.now().getTime() - seconds * 1_000;
  const lines = linesOf(call, pod).filter(({ time }) => !(time.getTime() < since));
  const shown = tail === undefined ? lines : tail === 0 ? [] : lines.slice(-tail);
  const stamps = call.query.get("timestamps") === "true";
  const text = shown.map(({ time, text }) =>
    stamps ? `${time.toISOString().replace("Z", "000000Z")} ${text}\n` : `${text}\n`
  ).join("");
  return limit === undefined ? text : text.slice(0, limit);
}
