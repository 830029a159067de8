/** Reads the config file: once, whole, or not at all. */
import { ConfigError, describeError } from "../errors.ts";
import { describeFileError } from "../std/files.ts";
import { parseYaml } from "../yaml/yaml.ts";
import { yamlLines } from "../yaml/yaml_lines.ts";
import { faultsOf, inPlainWords } from "./diagnostics.ts";
import { type Config, CONFIG_SCHEMA } from "./schema.ts";

/** A config file that has been read. */
export interface ConfigFile {
  readonly path: string;
  readonly config: Config;
  /** The 1-based line of a value: `lineOf(["policy", "rules", 0])`. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Faults that a message tells. */
const FAULTS = 10;

/** The largest config file that is read. */
const LIMIT_BYTES = 1024 * 1024;

/**
 * Reads a config file.
 *
 * @throws {ConfigError} naming file, line and reason
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  return parseConfig(await readText(path), path);
}

/**
 * Reads the text of a config file.
 *
 * @throws {ConfigError} naming file, line and reason
 */
export function parseConfig(text: string, path: string): ConfigFile {
  let value: unknown;
  try {
    value = parseYaml(text, path);
  } catch (error) {
    throw new ConfigError(describeError(error), { cause: error });
  }
  if (value === null) {
    throw new ConfigError(`Cannot read the config file "${path}": it is empty`, {
      hint: 'Write a section, such as "policy: {profile: standard}", or leave the file out.',
    });
  }
  const lineOf = yamlLines(text);
  const parsed = CONFIG_SCHEMA.safeParse(value, { error: inPlainWords });
  if (parsed.success) return { path, config: parsed.data, lineOf };
  const faults = faultsOf(parsed.error);
  const told = faults.slice(0, FAULTS).map(({ place, reason }) => {
    const field = place.map((step) => typeof step === "number" ? `[${step}]` : `.${String(step)}`)
      .join("").replace(/^\./, "");
    return `line ${lineOf(place)}: ${field && `${field}: `}${reason}`;
  });
  const more = faults.length > FAULTS ? [`and ${faults.length - FAULTS} more`] : [];
  throw new ConfigError(
    `Cannot use the config file "${path}": ${[...told, ...more].join("\n  ")}`,
    { hint: faults.find(({ hint }) => hint !== undefined)?.hint },
  );
}

/** `Cannot use the config file "<path>": line <n>: <reason>`. */
export function configError(path: string, line: number, reason: string, hint?: string) {
  return new ConfigError(`Cannot use the config file "${path}": line ${line}: ${reason}`, { hint });
}

async function readText(path: string): Promise<string> {
  const refuse = (state: string, cause?: unknown) =>
    new ConfigError(`Cannot read the config file "${path}": ${state}`, { cause });
  let bytes: Uint8Array;
  try {
    const info = await Deno.stat(path);
    if (info.isDirectory) throw refuse("it is a folder");
    if (!info.isFile) throw refuse("it is not a regular file");
    if (info.size > LIMIT_BYTES) throw refuse(`it has more than ${LIMIT_BYTES >> 20} MiB`);
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw refuse(describeFileError(error), error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw refuse("it is not UTF-8 text", error);
  }
}
