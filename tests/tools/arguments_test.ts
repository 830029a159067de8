/** How every tool reads its arguments: a misspelt name is refused, whatever the tool. */
import assert from "node:assert/strict";
import type { z } from "zod";
import { PolicyError } from "../../lib/errors.ts";
import { PROGRAM_NAMES } from "../../lib/programs/types.ts";
import { withoutFence } from "../../lib/tools/support/fences.ts";
import { ALL_SETS, describedTools } from "../support/all_tools.ts";

const RESOURCE = { scope: "namespaced", api_version: "v1", resource_kind: "pods", target_ns: "a" };
const GUARDED = { namespace: "a", group: "", version: "v1", plural: "pods" };

/** Arguments that each tool takes. */
const GOOD: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  evaluate_script: { script: "1" },
  search_api: { query: "pods" },
  get_k8s_entity: { ...RESOURCE, entity_name: "x" },
  scan_k8s_collection: RESOURCE,
  deploy_k8s_entity: { ...RESOURCE, payload_manifest: "metadata: {name: x}" },
  interact_k8s_endpoint: { ...RESOURCE, entity_name: "x", request_payload: {} },
  delete_k8s_entity: { ...RESOURCE, entity_name: "x" },
  k8s_list: GUARDED,
  k8s_get: { ...GUARDED, name: "x" },
  k8s_list_events: { namespace: "a" },
  k8s_pod_logs: { namespace: "a", pod: "x" },
  k8s_delete: { ...GUARDED, name: "x", approved: true },
  k8s_patch: { ...GUARDED, name: "x", operation: "rollout_restart", approved: true },
  ping: {},
  ...Object.fromEntries(
    PROGRAM_NAMES.flatMap((name) => [
      [`describe_${name}`, { command: "get" }],
      [`execute_${name}`, { command: "get pods" }],
    ]),
  ),
};

const TOOLS = [true, false].flatMap((readOnly) =>
  describedTools(ALL_SETS, {
    readOnly,
    contexts: true,
    version: "1",
    maxReplicas: 100,
  }).map((tool) => ({ tool, readOnly, good: GOOD[tool.name]! }))
);

function read(input: z.ZodType, given: unknown): { value?: Record<string, unknown>; why: string } {
  const parsed = input.safeParse(given);
  return parsed.success
    ? { value: parsed.data as Record<string, unknown>, why: "" }
    : { why: parsed.error.issues.map(({ message }) => message).join("; ") };
}

Deno.test("every tool refuses a parameter that it does not have, by name", () => {
  assert.equal(new Set(TOOLS.map(({ tool }) => tool.name)).size, Object.keys(GOOD).length);
  for (const { tool, good } of TOOLS) {
    assert.ok(read(tool.input, good).value, `${tool.name}: ${read(tool.input, good).why}`);
    const { why } = read(tool.input, { ...good, verbosity: 3 });
    assert.match(why, /there is no parameter "verbosity"/, tool.name);
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const odd = JSON.parse(`{"${name}": 1}`);
      Object.defineProperty(odd, name, { enumerable: true });
      const given = Object.defineProperties({ ...good }, Object.getOwnPropertyDescriptors(odd));
      assert.match(read(tool.input, given).why, /there is no parameter/, `${tool.name} ${name}`);
    }
  }
});

Deno.test("every tool names the parameter that is near to a misspelt one", () => {
  for (const { tool, good } of TOOLS) {
    for (const name of Object.keys(good)) {
      const misspelt = `${name.slice(0, 2)}${name.slice(3)}`;
      const { [name]: value, ...rest } = good;
      try {
        const { why } = read(tool.input, { ...rest, [misspelt]: value });
        assert.match(
          why,
          new RegExp(`no parameter "${misspelt}"; did you mean [^?]*${name}`),
          tool.name,
        );
      } catch (error) {
        // The gate comes first, and refuses by itself.
        assert.ok(error instanceof PolicyError, String(error));
      }
    }
  }
});

Deno.test("a dry run is one in every way of writing it, or nothing is done", () => {
  const names = ["dry_run", "dryRun", "dryrun", "dry-run", "DryRun", "DRY_RUN", "preview"];
  const yes = [true, "true", "All", ["All"], "server", "client", 1];
  for (const { tool, readOnly, good } of TOOLS) {
    const takes = tool.writes === true || /^(evaluate|execute)_/.test(tool.name);
    for (const name of names) {
      if (!takes) {
        assert.match(read(tool.input, { ...good, [name]: true }).why, /no parameter/, tool.name);
        continue;
      }
      for (const value of yes) {
        const { value: input, why } = read(tool.input, { ...good, [name]: value });
        assert.equal(input?.dry_run, true, `${tool.name} ${readOnly} ${name}: ${why}`);
      }
      assert.equal(read(tool.input, { ...good, [name]: false }).value?.dry_run, false);
      assert.equal(read(tool.input, { ...good, [name]: null }).value?.dry_run, undefined);
      for (const value of ["ture", "", {}, [], ["All", "All"], 2]) {
        const { value: input, why } = read(tool.input, { ...good, [name]: value });
        assert.equal(input, undefined, `${tool.name} ${name} ${JSON.stringify(value)}`);
        assert.match(why, /must be true or false/);
      }
    }
    if (!takes) continue;
    for (const near of ["dry_rn", "dryRunn", "drry_run", "previw"]) {
      assert.match(
        read(tool.input, { ...good, [near]: true }).why,
        /did you mean .*(dry_run|preview)/,
        tool.name,
      );
    }
    const both = read(tool.input, { ...good, dry_run: false, dryRun: true });
    assert.match(both.why, /mean the same and differ/);
  }
});

Deno.test("the gate looks at what is meant, in whatever style a parameter is written", () => {
  const input = (name: string) => TOOLS.find(({ tool }) => tool.name === name)!.tool.input;
  const blocked = (name: string, given: object, words: RegExp) =>
    assert.throws(() => input(name).safeParse({ ...GOOD[name], ...given }), (error: unknown) => {
      assert.ok(error instanceof PolicyError, `${name}: ${error}`);
      assert.match(error.message, words);
      return true;
    });
  const { name: _, ...nameless } = GOOD.k8s_get!;
  assert.throws(() => input("k8s_get").safeParse({ ...nameless, Name: "../secrets/x" }), /name/);
  blocked("k8s_get", { namespace: undefined, Namespace: "*" }, /a namespace is required/);
  blocked("k8s_get", { KIND: "Secret" }, /Access to kind 'Secret' is forbidden/);
  blocked("k8s_delete", { approved: "true" }, /approved=true/);
  blocked("k8s_delete", { approved: undefined, dryRun: "no" }, /approved=true/);
  assert.equal(
    read(input("k8s_delete"), { ...GOOD.k8s_delete, approved: undefined, dryRun: true }).value
      ?.dry_run,
    true,
  );
});

Deno.test("withoutFence() takes the fence off, and lines keep their numbers", () => {
  for (
    const [fenced, script] of [
      ["```js\na\nb\n```", "\na\nb"],
      ["```\na\n```\n", "\na"],
      ["\n```typescript \r\na\r\n```\r\n", "\n\na\r"],
      ["  ~~~ts\na\n  ~~~  ", "\na"],
      ["````js\nconst a = `\n```\n`;\n````", "\nconst a = `\n```\n`;"],
      ["```js\na", "\na"],
    ] as const
  ) assert.equal(withoutFence(fenced), script);
  for (const script of ["a", "`${b}`", "x = `\n```\n`", "// ```js\na", "```js a```"]) {
    assert.equal(withoutFence(script), script);
  }
});
