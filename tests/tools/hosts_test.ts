/**
 * What the hosts of models take of `tools/list`: one tool that a host refuses costs the whole
 * conversation there. Every tool of every set in every mode is held to the rules of all of them.
 *
 * - OpenAI: names, descriptions of at most 1,024 characters, objects with properties, arrays with
 *   items, nothing combined at the top; for strict schemas none of the keywords that those refuse.
 * - Gemini: one type each, enums of strings, objects within with at least one property.
 * - Anthropic: `type: object` and nothing combined at the top, names of properties.
 * - VS Code: names, arrays with items.
 */
import assert from "node:assert/strict";
import { describeTool } from "../../lib/server/server.ts";
import { ALL_SETS, describedTools } from "../support/all_tools.ts";

interface Schema {
  readonly type?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
}

/** All that a schema of a tool may say: what every host reads. */
const KEYWORDS = new Set(["type", "description", "properties", "items", "required", "enum"]);
const TYPES = new Set(["object", "array", "string", "integer", "number", "boolean"]);

function faultsOf(schema: Schema, at: string, depth = 0): string[] {
  const faults: string[] = [];
  const say = (fault: string) => faults.push(`${at}: ${fault}`);
  for (const keyword of Object.keys(schema)) {
    if (!KEYWORDS.has(keyword)) say(`keyword ${keyword}`);
  }
  if (typeof schema.type !== "string" || !TYPES.has(schema.type)) {
    say(`type ${JSON.stringify(schema.type)}`);
  }
  if ((schema.description ?? "").length > 1_024) say("long description");
  if (schema.enum && (schema.type !== "string" || schema.enum.some((v) => typeof v !== "string"))) {
    say("enum of other than strings");
  }
  if (depth > 5) say("nested too deep");
  if (schema.type === "object") {
    const names = Object.keys(schema.properties ?? {});
    if (schema.properties === undefined) say("object without properties");
    if (depth > 0 && names.length === 0) say("object with no property");
    for (const name of names) {
      if (!/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/.test(name)) say(`property "${name}"`);
      faults.push(...faultsOf(schema.properties![name]!, `${at}.${name}`, depth + 1));
    }
    for (const name of schema.required ?? []) if (!names.includes(name)) say(`requires ${name}`);
  } else if (schema.properties !== undefined || schema.required !== undefined) {
    say("properties of what is no object");
  }
  if (schema.type === "array") {
    if (schema.items === undefined) say("array without items");
    else faults.push(...faultsOf(schema.items, `${at}[]`, depth + 1));
  }
  return faults;
}

Deno.test("every tool in every mode is one that OpenAI, Gemini, Anthropic and VS Code take", () => {
  let seen = 0;
  for (const readOnly of [true, false]) {
    for (const contexts of [true, false]) {
      const options = { readOnly, contexts, version: "1", maxReplicas: 2 ** 31 - 1 };
      const tools = describedTools(ALL_SETS, options);
      assert.ok(tools.length < 128);
      for (const tool of tools) {
        // As it goes over the wire: what is undefined is not there.
        const described = JSON.parse(JSON.stringify(describeTool(tool)));
        const { name, description, inputSchema } = described;
        assert.match(name, /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/);
        const bytes = new TextEncoder().encode(description).length;
        assert.ok(bytes > 0 && bytes <= 1_024, `${name}: a description of ${bytes} bytes`);
        assert.equal(inputSchema.type, "object");
        assert.deepEqual(faultsOf(inputSchema, name), []);
        seen++;
      }
    }
  }
  assert.equal(seen, 4 * 22);
});

Deno.test("tools/list of the default sets costs 1,100 tokens read-only, 1,700 read-write", () => {
  for (const [readOnly, most] of [[true, 1_100], [false, 1_700]] as const) {
    for (const contexts of [true, false]) {
      const options = { readOnly, contexts, version: "1", maxReplicas: 100 };
      const tools = describedTools(["code", "resources"], options)
        .filter(({ listed }) => listed !== false).map(describeTool);
      const bytes = new TextEncoder().encode(JSON.stringify({ tools })).length;
      assert.ok(bytes / 4 < most, `tools/list takes ${bytes} bytes`);
    }
  }
});
