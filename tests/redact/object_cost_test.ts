/** Whatever shape an object has, what is done with it costs in proportion to its size. */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { cpuUsage } from "node:process";
import { LimitError } from "../../lib/errors.ts";
import { dropManagedFields } from "../../lib/kube/wire/managed_fields.ts";
import { readListMetadata } from "../../lib/kube/wire/list_metadata.ts";
import type { KubeObject } from "../../lib/kube/types.ts";
import { diffObjects, diffOwners } from "../../lib/policy/diff.ts";
import { ENDLESS } from "./endless.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { exposedPath } from "../../lib/redact/writes/exposure.ts";
import { hiddenStrings, type Live } from "../../lib/redact/writes/live.ts";
import { withWritten, writtenBy } from "../../lib/redact/writes/own_words.ts";
import { restore } from "../../lib/redact/writes/restore.ts";
import { SHAPES } from "./object_shapes.ts";

const PLACE = { secrets: false };
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function liveOf(raw: unknown): Live {
  return { raw, shown: createRedactor(undefined, ENDLESS).value(raw, PLACE) };
}

/** The object after a change of many of its values. */
function changed(raw: unknown): unknown {
  return JSON.parse(JSON.stringify(raw).replaceAll("1", "2"));
}

/** As an object of an API: a list has its place in a field of one. */
function objectOf(value: unknown): KubeObject {
  return (Array.isArray(value) ? { spec: value } : value) as KubeObject;
}

/** What is done with an object; what it needs is made before, anew for each run. */
const WORK: Readonly<Record<string, (raw: unknown) => () => unknown>> = {
  "redaction of its JSON": (raw) => {
    const [redactor, bytes] = [createRedactor(undefined, ENDLESS), encode(raw)];
    return () => redactor.json(bytes, PLACE);
  },
  "redaction of its value": (raw) => {
    const redactor = createRedactor(undefined, ENDLESS);
    return () => redactor.value(raw, PLACE);
  },
  "the way back": (raw) => {
    const live = liveOf(raw);
    return () => restore(live.shown, live);
  },
  "the hidden strings of it": (raw) => {
    const live = liveOf(raw);
    return () => hiddenStrings(live);
  },
  "what a change exposes": (raw) => {
    const live = liveOf(raw);
    const after = changed(live.shown);
    return () => exposedPath(live, after, writtenBy(raw));
  },
  "a writer's own words": (raw) => {
    const live = liveOf(raw);
    return () => withWritten(live.raw, live.shown, writtenBy(raw));
  },
  "what a plan shows": (raw) => {
    const [before, after] = [objectOf(raw), objectOf(changed(raw))];
    return () => [diffObjects(before, after), diffOwners(before, after, "kubecode")];
  },
  "dropping managed fields": (raw) => {
    const bytes = encode(raw);
    return () => dropManagedFields(bytes);
  },
  "the metadata of a list": (raw) => {
    const bytes = encode(raw);
    return () => readListMetadata(bytes);
  },
};

/** What is linear takes 16 times as long for 16 times as much, what is square 256 times. */
const SIZE = 200;
const TIMES = 16;
const BOUND = 80;
/** Less is not measured well, in milliseconds of this process. */
const LEAST_MS = 1;

function timeOf(run: () => unknown): number {
  const started = cpuUsage();
  run();
  const { user, system } = cpuUsage(started);
  return (user + system) / 1000;
}

for (const [what, work] of Object.entries(WORK)) {
  const fact = `objects cost in proportion to their size, whatever they hold: ${what}`;
  Deno.test(needs(["time"], fact), () => {
    for (const [shape, make] of Object.entries(SHAPES)) {
      const [small, large] = [make(SIZE), make(SIZE * TIMES)];
      let [little, much] = [timeOf(work(small)), timeOf(work(large))];
      const isLinear = () => much <= BOUND * Math.max(little, LEAST_MS);
      for (let tries = 0; tries < 3 && !isLinear(); tries++) {
        little = Math.min(little, timeOf(work(small)));
        much = Math.min(much, timeOf(work(large)));
      }
      assert.ok(isLinear(), `${shape}: ${little}, then ${much} ms`);
    }
  });
}

Deno.test("an answer that is nearly all credentials is not looked through to its end", () => {
  const passwords = (count: number) =>
    Array.from({ length: count }, (_, password) => ({ password: 12_345 + password }));
  const redactor = createRedactor(undefined, ENDLESS);
  redactor.json(encode(passwords(20_000)), PLACE);
  const isTooComplex = (error: unknown) =>
    error instanceof LimitError && /too complex to look through/.test(error.message);
  for (
    const many of [passwords(60_000), {
      password: passwords(60_000).map((one) => `${one.password}`),
    }]
  ) {
    assert.throws(() => redactor.json(encode(many), PLACE), isTooComplex);
    assert.throws(() => redactor.value(many, PLACE), isTooComplex);
  }
  redactor.value(passwords(20_000), PLACE);
});
