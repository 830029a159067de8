/** What the guide says of scripts, held against what scripts have. */
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { GLOBAL_NAMES } from "../lib/sdk_guide/globals.ts";
import { learntNames } from "../lib/eval/realm/globals/learnt_names.ts";
import { topicOf } from "../lib/sdk_guide/topics.ts";
import { evaluateScriptTool } from "../lib/tools/code/evaluate_script.ts";
import { testEvaluator } from "./support/evaluator.ts";

Deno.test("GLOBALS are the globals that a script has besides those of the language", async () => {
  await using evaluator = testEvaluator({
    namespace: () => Promise.resolve("default"),
    isRead: () => true,
    // deno-lint-ignore require-yield
    call: async function* () {
      await Promise.reject(new Error("no cluster"));
    },
  });
  const there = await evaluator.value("Object.getOwnPropertyNames(globalThis)") as string[];
  assert.deepEqual(GLOBAL_NAMES.filter((name) => !there.includes(name)), []);
  const ofLanguage = runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[];
  // What scripts take for granted that were learnt from other clients is there, and not told.
  const known: readonly string[] = [
    ...ofLanguage,
    ...GLOBAL_NAMES,
    ...Object.keys(learntNames({}, {})),
  ];
  assert.deepEqual(there.filter((name) => !known.includes(name)), []);
});

Deno.test("topicOf() knows each global, whatever its case", () => {
  for (const name of GLOBAL_NAMES) {
    assert.equal(topicOf(name)?.name, name);
    assert.equal(topicOf(name.toUpperCase())?.name, name);
  }
});

Deno.test("evaluate_script names no global that is not there", () => {
  const tool = evaluateScriptTool({} as Parameters<typeof evaluateScriptTool>[0]);
  const [, list = ""] = /^Globals: ([^]*?)\. help\(/m.exec(tool.description) ?? [];
  const names = [...list.matchAll(/(?:^|, )(\w+)/g)].map(([, name]) => name!);
  assert.ok(names.includes("quantity"), list);
  const globals: readonly string[] = GLOBAL_NAMES;
  const inside = ["dnsNames"];
  assert.deepEqual(names.filter((name) => !globals.includes(name) && !inside.includes(name)), []);
});
