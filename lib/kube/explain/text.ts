/** The text of an explanation: a head, and the fields one level below, one a line. Pure. */
import type { FoundField } from "./path.ts";
import { flatten, innermost, type Schemas, typeText } from "../schemas/openapi.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** What to write about. */
interface Explained {
  /** `deployments.apps/v1 Deployment`. */
  readonly what: string;
  /** The resource's plural name, for the way on. */
  readonly name: string;
  readonly field: FoundField;
  readonly limitCharacters: number;
}

/** Characters of a description; where all fields do not fit, the next shorter one is tried. */
const DESCRIPTION_CHARACTERS = [160, 110, 75, 50, 0] as const;

/** Characters of the enumerated values of a field that are shown in its line. */
const ENUM_CHARACTERS = 120;

/**
 * The explanation of a field, within its limit: descriptions get shorter before fields are left
 * out, and what was left out is counted. Required fields come first.
 *
 * @example
 * ```text
 * deployments.apps/v1 Deployment: spec.strategy <DeploymentStrategy>
 * The deployment strategy to use to replace existing pods with new ones.
 * rollingUpdate <RollingUpdateDeployment> — Rolling update config params.
 * type <"Recreate"|"RollingUpdate"> — Type of deployment.
 * ```
 */
export function explainText(schemas: Schemas, explained: Explained): string {
  const { what, name, field, limitCharacters } = explained;
  const inner = innermost(schemas, field.schema);
  const names = Object.keys(inner.properties);
  const order = [
    ...names.filter((each) => inner.required.includes(each)),
    ...names.filter((each) => !inner.required.includes(each)),
  ];
  const line = (each: string, characters: number) => {
    const schema = inner.properties[each];
    return fieldLine(schemas, each, schema, inner.required.includes(each), characters);
  };
  const head = headText(schemas, what, field);
  const room = limitCharacters - head.length;
  for (const characters of DESCRIPTION_CHARACTERS) {
    const lines = order.map((each) => line(each, characters));
    if (characters === 0 && lines.length > 0) lines.push(wayOn(name, field.path, order));
    const text = lines.map((each) => `\n${each}`).join("");
    if (text.length <= room) return head + text;
  }
  // Some fields do not fit even without a description.
  let text = head;
  let shown = 0;
  const end = (left: number) => `\n… ${left} more fields. ${wayOn(name, field.path, order)}`;
  for (const each of order) {
    const next = `\n${line(each, 0)}`;
    if (text.length + next.length + end(order.length - shown).length > limitCharacters) break;
    text += next;
    shown += 1;
  }
  return text + end(order.length - shown);
}

function wayOn(name: string, path: readonly string[], fields: readonly string[]): string {
  return `More on one: explain("${[name, ...path, fields[0] ?? ""].join(".")}")`;
}

function headText(schemas: Schemas, what: string, { path, schema, required }: FoundField): string {
  const flat = flatten(schemas, schema);
  const inner = innermost(schemas, schema);
  const marks = [
    ...(path.length > 0 ? [`<${typeText(schemas, schema)}>`] : []),
    ...(required ? ["[required]"] : []),
    ...(shownDefault(flat.default, required) ? [`default ${stringifyExact(flat.default)}`] : []),
  ];
  const values = flat.enum.length > 0 ? flat.enum : inner.enum;
  const free = inner.free && Object.keys(inner.properties).length === 0;
  return [
    path.length === 0 ? what : `${what}: ${path.join(".")} ${marks.join(" ")}`,
    ...(values.length > 0
      ? [`one of ${values.map((value) => stringifyExact(value)).join(", ")}`]
      : []),
    ...(flat.description || inner.description
      ? [firstSentence(flat.description || inner.description, DESCRIPTION_CHARACTERS[0])]
      : []),
    ...(free ? ["Takes any fields."] : []),
  ].join("\n");
}

function fieldLine(
  schemas: Schemas,
  name: string,
  schema: unknown,
  required: boolean,
  characters: number,
): string {
  const flat = flatten(schemas, schema);
  const values = flat.enum.map((value) => stringifyExact(value)).join("|");
  const type = values !== "" && values.length <= ENUM_CHARACTERS
    ? values
    : typeText(schemas, schema);
  const description = characters === 0 ? "" : firstSentence(flat.description, characters);
  return `${name} <${type}>${required ? " [required]" : ""}${
    shownDefault(flat.default, required) ? ` default ${stringifyExact(flat.default)}` : ""
  }${description && ` — ${description}`}`;
}

/** Generated schemas give zero values as defaults: of all structures, and of required fields. */
function shownDefault(value: unknown, required: boolean): boolean {
  if (value === undefined || value === null || value === "") return false;
  if (typeof value === "object") return stringifyExact(value).length > 2;
  return !(required && (value === 0 || value === false));
}

/** The first sentence of a description on one line, cut between words where it is too long. */
export function firstSentence(description: string, characters: number): string {
  const line = description.trim().replaceAll(/\s+/g, " ");
  const end = /(?<!\b(?:e\.g|i\.e|etc|vs))[.!?](?= [^a-z])/.exec(line);
  const sentence = end ? line.slice(0, end.index + 1) : line;
  if (sentence.length <= characters) return sentence;
  const cut = sentence.slice(0, characters - 1);
  const space = cut.lastIndexOf(" ");
  return `${space > characters / 2 ? cut.slice(0, space) : cut}…`;
}
