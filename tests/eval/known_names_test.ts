/** The names that a cluster serves go to a script together with its text, where they are known. */
import assert from "node:assert/strict";
import type { Broker, BrokerAnswer, BrokerCall } from "../../lib/broker/types.ts";
import { CONFIG_MAPS } from "../support/config_maps.ts";
import { testEvaluator } from "../support/evaluator.ts";

/** What a script has asked of the broker by itself, how often names were given, and its value. */
async function asked(known: () => Promise<BrokerAnswer | undefined>, ...scripts: string[]) {
  const calls: BrokerCall[] = [];
  let given = 0;
  const broker: Broker = {
    ...CONFIG_MAPS,
    call(call, body, signal) {
      calls.push(call);
      return CONFIG_MAPS.call(call, body, signal);
    },
    knownNames() {
      given += 1;
      return known();
    },
  };
  await using evaluator = testEvaluator(broker);
  const values: unknown[] = [];
  for (const script of scripts) values.push(await evaluator.value(script));
  return { ops: calls.map(({ op }) => op), given, values };
}

async function names(): Promise<BrokerAnswer> {
  const { signal } = new AbortController();
  const parts = CONFIG_MAPS.call({ op: "names", refresh: false }, undefined, signal);
  return (await parts.next()).value as BrokerAnswer;
}

const GET = 'k8s.coreV1().configMaps().get("a").metadata.name';
const WAIT = '(await k8s.coreV1().configMaps().get("ü")).metadata.name';

Deno.test("known names: a script does not ask for them, however it is written", async () => {
  const { ops, given, values } = await asked(names, GET, WAIT, GET);
  assert.deepEqual(values, ["a", "ü", "a"]);
  assert.deepEqual(ops, ["request", "request", "request"]);
  assert.equal(given, 3);
});

Deno.test("known names: each script has those of its own time, and asks again for what they have not", async () => {
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const none: BrokerAnswer = { form: "json", more: false, body: encode({ versions: [] }) };
  let round = 0;
  const { ops, values } = await asked(() => round++ === 1 ? Promise.resolve(none) : names(), ...[
    "k8s.coreV1(); 1",
    GET,
    GET,
  ]);
  assert.deepEqual(values, [1, "a", "a"]);
  assert.deepEqual(ops, ["names", "request", "request"]);
});

Deno.test("known names: a script asks where they are not known, or may not be had", async () => {
  for (const known of [() => Promise.resolve(undefined), () => Promise.reject(new Error("no"))]) {
    const { ops, values } = await asked(known, GET);
    assert.deepEqual(values, ["a"]);
    assert.deepEqual(ops, ["names", "request"]);
  }
});

Deno.test("known names: a script that needs none is given none", async () => {
  const { ops, given } = await asked(names, "1 + 1");
  assert.deepEqual([ops, given], [[], 0]);
});
