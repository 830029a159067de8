/** Texts that people, plugins and clients hand in: read, or refused with an error that names the place. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseConfig } from "../../lib/config/file.ts";
import { policyOf } from "../../lib/config/policy_source.ts";
import { ConfigError, InputError } from "../../lib/errors.ts";
import { parseKubeconfig } from "../../lib/kube/kubeconfig/parse.ts";
import { parseLine } from "../../lib/transport/jsonrpc.ts";
import { createLineSplitter } from "../../lib/transport/lines.ts";
import { parseYamlDocuments, toYaml } from "../../lib/yaml/yaml.ts";
import { runs } from "./runs.ts";

/** Errors never repeat what could be a secret, nor much of anything. */
const LONGEST_MESSAGE = 1_000;

/** The value, or undefined where it is refused as it should be. */
function read<Value>(how: () => Value, family: typeof InputError | typeof ConfigError) {
  try {
    return how();
  } catch (error) {
    assert.ok(error instanceof family, `${(error as Error).stack}`);
    assert.ok(error.message.length <= LONGEST_MESSAGE, error.message);
    return undefined;
  }
}

const YAML_PARTS = fc.constantFrom(
  ...[
    "a:",
    "b: 1",
    "- x",
    "\n",
    "\n  ",
    " ",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "&a",
    "*a",
    "<<: *a",
    "!!int",
  ],
  ...[
    "|",
    ">-",
    "'",
    '"',
    "#",
    "---\n",
    "...\n",
    "%TAG ! x",
    "? ",
    "\t",
    "\u0000",
    "\ufeff",
    "é",
    "0x1F",
    "1e999",
  ],
  ...["!!binary", "!!js/function", "2026-01-01", ".inf", "~", "yes", "__proto__:", "constructor:"],
);
const YAML = fc.array(YAML_PARTS, { maxLength: 30 }).map((parts) => parts.join(""));

Deno.test("texts: YAML of any kind is plain values or an InputError, and is written as it was read", () => {
  fc.assert(
    fc.property(fc.oneof(YAML, fc.string()), (text) => {
      const documents = read(() => parseYamlDocuments(text, "manifest"), InputError);
      for (const document of documents ?? []) {
        assert.deepEqual(parseYamlDocuments(toYaml(document), "manifest"), [document]);
        assert.equal(
          Object.getPrototypeOf(Object(document)).constructor === Object ||
            Array.isArray(document) || typeof document !== "object",
          true,
        );
      }
    }),
    { numRuns: runs(500) },
  );
});

const WORDS = fc.oneof(
  fc.constantFrom(
    "Config",
    "v1",
    "web",
    "hunter2-Sesame",
    "https://127.0.0.1",
    "",
    "\u202e",
    "x".repeat(5000),
  ),
  fc.integer(),
  fc.constantFrom(null, true, 1e400, "*", "deny", "pods", "get", "~/.kube"),
);
/** A tree whose keys are of the file's own. */
function treeOf(...keys: readonly string[]): fc.Arbitrary<unknown> {
  return fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, depthSize: "max" },
      { weight: 2, arbitrary: WORDS },
      { weight: 2, arbitrary: fc.array(tie("tree"), { maxLength: 3 }) },
      {
        weight: 6,
        arbitrary: fc.dictionary(fc.constantFrom(...keys, "x"), tie("tree"), { maxKeys: 5 }),
      },
    ),
  })).tree;
}

Deno.test("texts: a kubeconfig of any shape is read, or refused without its values", () => {
  const keys = [
    "contexts",
    "clusters",
    "users",
    "name",
    "context",
    "cluster",
    "user",
    "exec",
    "env",
    "token",
  ];
  const tree = treeOf(
    ...keys,
    "server",
    "current-context",
    "command",
    "args",
    "extensions",
    "auth-provider",
  );
  fc.assert(
    fc.property(tree, (tree) => {
      const text = JSON.stringify(tree);
      try {
        parseKubeconfig(text, "config", "/");
      } catch (error) {
        assert.ok(error instanceof ConfigError, `${(error as Error).stack}`);
        assert.doesNotMatch(error.message, /Sesame/);
        assert.ok(error.message.length <= LONGEST_MESSAGE, error.message);
      }
    }),
    { numRuns: runs(500) },
  );
});

Deno.test("texts: a config file of any shape is read, or refused; what is read makes a policy", () => {
  const keys = [
    "policy",
    "rules",
    "effect",
    "verbs",
    "resources",
    "namespaces",
    "groups",
    "profile",
    "mode",
    "limits",
  ];
  const tree = treeOf(
    ...keys,
    "names",
    "contexts",
    "tools",
    "redaction",
    "audit",
    "file",
    "rateLimits",
  );
  fc.assert(
    fc.property(tree, (tree) => {
      const file = read(() => parseConfig(JSON.stringify(tree), "kubecode.yaml"), ConfigError);
      if (file !== undefined) read(() => policyOf(file, undefined), ConfigError);
    }),
    { numRuns: runs(500) },
  );
});

Deno.test("texts: lines of a client are messages or rejections, however they are cut", () => {
  const line = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
    fc.record({
      jsonrpc: fc.constantFrom("2.0", "1.0", 2),
      id: fc.oneof(fc.integer(), fc.constant(null), fc.string(), fc.constant({})),
      method: fc.oneof(fc.constantFrom("tools/call", "initialize"), fc.integer()),
      params: fc.jsonValue({ maxDepth: 2 }),
    }, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 4 }),
      fc.integer({ min: 1, max: 50 }),
      (lines, size) => {
        const bytes = new TextEncoder().encode(lines.map((one) => `${one}\n`).join(""));
        const parse = (step: number) => {
          const split = createLineSplitter(10_000);
          const parsed: unknown[] = [];
          for (let at = 0; at < bytes.length; at += step) {
            for (const one of split(bytes.slice(at, at + step))) {
              parsed.push(
                ...parseLine(one, 10_000),
              );
            }
          }
          return parsed;
        };
        assert.deepEqual(parse(size), parse(Math.max(bytes.length, 1)));
      },
    ),
    { numRuns: runs(300) },
  );
});
