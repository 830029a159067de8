/** The tools and prompts as a model is told of them, made from lib/tools/ and lib/prompts/. */
import { PROMPTS } from "../../../lib/prompts/all_prompts.ts";
import { describeTool } from "../../../lib/server/server.ts";
import { OWN_COMMANDS, PACKAGE_COMMANDS } from "../../../lib/shell/offered.ts";
import type { Tool } from "../../../lib/tools/types.ts";
import { ALL_SETS, describedTools } from "../../../tests/support/all_tools.ts";
import { cell, code, fenced, table } from "./markdown.ts";

/** A schema as far as it is told. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** Each tool with its description and parameters, by set, as where changes are allowed. */
export function toolsReference(): string {
  const options = { readOnly: false, contexts: true, version: "", maxReplicas: 100 };
  return ALL_SETS.map((set) =>
    `## ${set}\n\n${describedTools([set], options).map(toolSection).join("\n")}`
  ).join("\n");
}

function toolSection(tool: Tool): string {
  const { name, description, inputSchema, annotations } = describeTool(tool);
  const { properties = {}, required = [] } = inputSchema as Schema;
  const rows = Object.entries(properties).map(([parameter, schema]) => [
    code(parameter) + (required.includes(parameter) ? " (required)" : ""),
    cell(typeOf(schema)),
    cell(meaningOf(schema)),
  ]);
  const facts = [
    annotations?.title,
    tool.writes ? "changes the cluster" : undefined,
    tool.asks ? "asks a person where the client can" : undefined,
    tool.listed === false ? "not listed" : undefined,
    `rate limit: ${tool.rate}`,
  ].filter((fact) => fact !== undefined);
  return `### ${name}\n\n${facts.join("; ")}.\n\n${fenced(description ?? "")}` +
    (rows.length > 0 ? `\n${table(["parameter", "type", "meaning"], rows)}` : "");
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((one) => code(JSON.stringify(one))).join(", ");
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  return [schema.type ?? "any"].flat().join(" or ");
}

function meaningOf(schema: Schema): string {
  const standard = schema.default === undefined
    ? undefined
    : `default ${code(JSON.stringify(schema.default))}`;
  const { minimum, maximum } = schema;
  const low = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const high = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const range = low === undefined && high === undefined
    ? undefined
    : low === undefined
    ? `at most ${high}`
    : high === undefined
    ? `at least ${low}`
    : `${low} to ${high}`;
  return [schema.description, range, standard].filter((part) => part !== undefined).join("; ");
}

/** Each prompt with its arguments. */
export function promptsReference(): string {
  return PROMPTS.map(({ name, description, arguments: known }) => {
    const rows = Object.entries(known).map(([argument, { description, required, ...rest }]) => [
      code(argument) + (required ? " (required)" : ""),
      cell(description),
      code(rest.default),
    ]);
    return `## ${name}\n\n${description}\n\n` +
      table(["argument", "meaning", "default"], rows);
  }).join("\n");
}

/** The commands that a line can use, by where they come from. */
export function commandsTable(): string {
  return table(["commands", ""], [
    [OWN_COMMANDS.map(code).join(" "), "kubecode's, held to GNU's, to jq's and to mikefarah's yq"],
    [PACKAGE_COMMANDS.map(code).join(" "), "just-bash's"],
  ]);
}
