/**
 * The security file: YAML with `dangerous_commands`, `safe_patterns` and `regex_rules` by program,
 * added to the built-in rules. It is taken whole, or not at all.
 */
import { RE2JS } from "re2js";
import { z } from "zod";
import { ConfigError, describeError, InputError, PolicyError } from "../../errors.ts";
import { parseYaml } from "../../yaml/yaml.ts";
import { yamlLines } from "../../yaml/yaml_lines.ts";
import { PROGRAM_NAMES, type ProgramName } from "../types.ts";
import { builtInRules } from "./security/built_in.ts";
import { readPattern } from "./security/pattern.ts";
import type { CommandPattern, RegexRule, SecurityRules } from "./security/rules.ts";

/** Faults that a message tells. */
const FAULTS = 10;

const TEXT = z.string().trim().min(1).max(1000);

const byProgram = <Entry extends z.ZodType>(entry: Entry) => {
  const list = z.array(entry).max(500).optional();
  return z.strictObject({ kubectl: list, helm: list, istioctl: list, argocd: list }).optional();
};

const SCHEMA = z.strictObject({
  dangerous_commands: byProgram(TEXT),
  safe_patterns: byProgram(TEXT),
  regex_rules: byProgram(
    z.strictObject({ pattern: TEXT, description: TEXT, error_message: TEXT.optional() }),
  ),
});

type Section = Exclude<keyof z.output<typeof SCHEMA>, "regex_rules">;

interface Fault {
  readonly place: readonly PropertyKey[];
  readonly reason: string;
}

/**
 * Reads a security file.
 *
 * @returns its rules and the built-in ones
 * @throws {ConfigError} naming file, line and fault, of all faults
 */
export function readSecurityFile(text: string, path: string): SecurityRules {
  let value: unknown;
  try {
    value = parseYaml(text, path);
  } catch (error) {
    throw new ConfigError(describeError(error), { cause: error });
  }
  const parsed = SCHEMA.safeParse(value ?? {}, { error: inPlainWords });
  const faults: Fault[] = [];
  const rules = parsed.success ? rulesOf(parsed.data, faults) : undefined;
  if (!parsed.success) faults.push(...faultsOf(parsed.error));
  if (rules !== undefined && faults.length === 0) return rules;
  const lineOf = yamlLines(text);
  const told = faults.slice(0, FAULTS).map(({ place, reason }) =>
    `line ${lineOf(place)}: ${place.length > 0 ? `${fieldOf(place)}: ` : ""}${reason}`
  );
  const more = faults.length > FAULTS ? [`and ${faults.length - FAULTS} more`] : [];
  throw new ConfigError(
    `Cannot use the security file "${path}": ${[...told, ...more].join("\n  ")}`,
  );
}

function rulesOf(file: z.output<typeof SCHEMA>, faults: Fault[]): SecurityRules {
  const builtIn = builtInRules();
  const patterns = (section: Section, program: ProgramName): CommandPattern[] =>
    (file[section]?.[program] ?? []).flatMap((text, at) =>
      taken(faults, [section, program, at], () => readPattern(program, text))
    );
  const expressions = (program: ProgramName): RegexRule[] =>
    (file.regex_rules?.[program] ?? []).flatMap((rule, at) =>
      taken(faults, ["regex_rules", program, at, "pattern"], () => regexRule(rule))
    );
  return Object.fromEntries(PROGRAM_NAMES.map((program) => [program, {
    dangerous: [...builtIn[program].dangerous, ...patterns("dangerous_commands", program)],
    safe: [...builtIn[program].safe, ...patterns("safe_patterns", program)],
    regex: [...builtIn[program].regex, ...expressions(program)],
  }])) as unknown as SecurityRules;
}

/** RE2 takes time in proportion to the text, whatever the expression: none can take for ever. */
function regexRule(
  { pattern, description, error_message }: {
    readonly pattern: string;
    readonly description: string;
    readonly error_message?: string;
  },
): RegexRule {
  const expression = RE2JS.compile(pattern);
  return {
    pattern,
    description,
    errorMessage: error_message,
    matches: (text) => expression.test(text),
  };
}

/** What was read, or nothing and a fault. */
function taken<Value>(
  faults: Fault[],
  place: readonly PropertyKey[],
  read: () => Value,
): Value[] {
  try {
    return [read()];
  } catch (error) {
    faults.push({ place, reason: faultOf(error) });
    return [];
  }
}

function faultOf(error: unknown): string {
  if (error instanceof InputError || error instanceof PolicyError) {
    return error.message.replace(/^Cannot start [^:]*: /, "no such command: ");
  }
  const reason = describeError(error).replace("error parsing regexp: ", "");
  return `is no regular expression of RE2 syntax, which knows no lookaround: ${reason}`;
}

/** Messages for the faults for which a schema gives none. */
const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "must be given";
      return `must be ${WORDS_OF_TYPES[issue.expected] ?? issue.expected}`;
    case "too_small":
      return "must not be empty";
    case "too_big":
      return `is too long: at most ${issue.maximum}`;
    default:
      return undefined;
  }
};

const WORDS_OF_TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  object: "a section with names",
  string: "a text; put it in quotes",
};

function faultsOf({ issues }: z.core.$ZodError): Fault[] {
  return issues.flatMap((issue): Fault[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ place: [...issue.path, key], reason: unknownKey(issue.path) }))
      : [{ place: issue.path, reason: issue.message }]
  );
}

function unknownKey(path: readonly PropertyKey[]): string {
  const known = path.length === 0
    ? Object.keys(SCHEMA.shape)
    : path.length === 1
    ? PROGRAM_NAMES
    : ["pattern", "description", "error_message"];
  return `there is no such key; there is ${known.join(", ")}`;
}

function fieldOf(place: readonly PropertyKey[]): string {
  return place.map((step) => typeof step === "number" ? `[${step}]` : `.${String(step)}`)
    .join("").replace(/^\./, "");
}
