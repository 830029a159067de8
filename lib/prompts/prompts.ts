/**
 * The prompts that a server offers: their list, the text of one, and values for arguments. Each text
 * leads a model through the tools of this server, in its mode, and names no other.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/server/prompts}
 */
import type { Broker, ContextEntry } from "../broker/types.ts";
import { InputError, KubecodeError } from "../errors.ts";
import type { Mode } from "../policy/types.ts";
import { nearHint } from "../std/nearest.ts";
import { shown } from "../std/shown.ts";
import { askJson } from "../tools/support/ask.ts";
import { PROMPTS } from "./all_prompts.ts";
import { unusable } from "./arguments/forms.ts";
import type { Argument, Arguments, Here, Lookup, Prompt, Road, Written } from "./types.ts";

/** Longest time that a completion takes: a person is typing. In milliseconds. */
const COMPLETION_MS = 3_000;
/** Values of a completion that are kept: one more than the protocol takes tells that there are more. */
const VALUES = 101;

/** What prompts depend on. */
export interface PromptOptions {
  /** Names of the tools that clients are shown. */
  readonly tools: readonly string[];
  readonly mode: Mode;
  /** Whether scripts may use other contexts: only then are prompts listed with a `context`. */
  readonly contexts: boolean;
  /** The namespace that was chosen at the start; stands for `default`. */
  readonly namespace?: string;
}

/** An entry of the list of prompts. */
export interface ListedPrompt {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly {
    readonly name: string;
    readonly description: string;
    readonly required?: boolean;
  }[];
}

/** The prompts of a server. */
export interface Prompts {
  readonly list: readonly ListedPrompt[];
  /**
   * The text of a prompt.
   *
   * @throws {InputError} an unknown prompt, a missing, unknown or unusable argument
   */
  get(
    name: string,
    given: Written,
    broker: Broker,
    signal: AbortSignal,
  ): Promise<{ readonly description: string; readonly text: string }>;
  /**
   * Values that an argument may have and that begin as given, at most 101; none where the cluster
   * gives none, in time or at all.
   *
   * @throws {InputError} an unknown prompt or argument
   */
  complete(
    asked: {
      readonly prompt: string;
      readonly argument: string;
      readonly value: string;
      readonly chosen: Written;
    },
    broker: Broker,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
}

/** Other names of arguments: those of the same thing in other prompts, and in other servers. */
const ALIASES: Readonly<Record<string, string>> = {
  app_name: "application_name",
  application_name: "app_name",
  service: "service_name",
  pod: "pod_name",
  argocd_context: "context",
};

/** Another context of the kubeconfig; each prompt has it. */
const CONTEXT: Argument = {
  description: "Context; the server's own where it is left out",
  default: "",
  read: (text) => text,
  async complete(_, { broker, signal }) {
    return (await contextsOf(broker, signal)).map(({ name }) => name);
  },
};

/** Makes them. */
export function createPrompts(options: PromptOptions): Prompts {
  const offered = new Set(options.tools);
  const here = { road: roadOf(offered), mode: options.mode, offers: offered.has.bind(offered) };
  const prompts = PROMPTS.map((prompt) => prepare(prompt, options));
  const find = (name: string): Prompt => findNamed(prompts, name);
  const guarded = here.road === "guarded";
  return {
    list: prompts.map((prompt) => describe(prompt, options)),
    async get(name, given, broker, signal) {
      const prompt = find(name);
      const written = write(prompt, given);
      const context = await readContext(written.context ?? "", here, broker, signal);
      const values = await read(prompt, written, { broker, signal, context, guarded });
      const text = prompt.text(values as never, { ...here, context });
      return { description: prompt.description, text: text.join("\n\n") };
    },
    async complete({ prompt, argument, value, chosen }, broker, signal) {
      const { arguments: known } = find(prompt);
      const { complete } = argumentOf(prompt, known, argument);
      if (complete === undefined) return [];
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(COMPLETION_MS)]);
      const lookup = { broker, signal: inTime, context: chosen.context || undefined, guarded };
      const wanted = value.toLowerCase();
      const values = await quietly(() => complete(withDefaults(known, chosen), lookup), signal);
      return [...new Set(values)].filter((each) => each.toLowerCase().startsWith(wanted))
        .sort().slice(0, VALUES);
    },
  };
}

/** The tools by which objects are read: those first that take one call for what others take ten. */
function roadOf(offered: ReadonlySet<string>): Road | undefined {
  if (offered.has("evaluate_script")) return "scripts";
  if (offered.has("execute_kubectl")) return "kubectl";
  if (offered.has("get_k8s_entity")) return "resources";
  return offered.has("k8s_get") ? "guarded" : undefined;
}

/** A prompt with what the start of the server says of its arguments. */
function prepare(prompt: Prompt, { namespace }: PromptOptions): Prompt {
  const known: Record<string, Argument<unknown>> = { ...prompt.arguments };
  if (namespace !== undefined && known.namespace?.default === "default") {
    known.namespace = {
      ...known.namespace,
      default: namespace,
      description: `Namespace (default: ${namespace})`,
    };
  }
  return { ...prompt, arguments: { ...known, context: CONTEXT } };
}

function describe(prompt: Prompt, { contexts }: PromptOptions): ListedPrompt {
  const listed = Object.entries(prompt.arguments).filter(([name]) =>
    name !== "context" || contexts
  );
  return {
    name: prompt.name,
    description: prompt.description,
    arguments: listed.map(([name, { description, required }]) => ({
      name,
      description,
      ...(required ? { required } : {}),
    })),
  };
}

/** @throws {InputError} there is none of that name; the hint names those that are near */
function findNamed(prompts: readonly Prompt[], name: string): Prompt {
  const found = prompts.find((prompt) => prompt.name === name);
  if (found !== undefined) return found;
  const names = prompts.map((prompt) => prompt.name);
  throw new InputError(
    `Cannot find prompt "${shown(name.slice(0, 100))}": there is no such prompt`,
    {
      hint: nearHint(name, names) ?? `There are ${names.join(", ")}.`,
    },
  );
}

/** @throws {InputError} the prompt has none of that name */
function argumentOf(prompt: string, known: Arguments, name: string): Argument<unknown> {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found !== undefined) return found;
  throw new InputError(
    `Cannot use argument "${
      shown(name.slice(0, 100))
    }" of prompt "${prompt}": it has none of that name`,
    { hint: nearHint(name, Object.keys(known)) ?? `It has ${Object.keys(known).join(", ")}.` },
  );
}

/** The arguments by their own names, with defaults. @throws {InputError} one that is unknown or missing */
function write({ name: prompt, arguments: known }: Prompt, given: Written): Written {
  const named: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    const alias = ALIASES[name];
    const own = alias !== undefined && !Object.hasOwn(known, name) ? alias : name;
    argumentOf(prompt, known, Object.hasOwn(known, own) ? own : name);
    named[own] = text.trim();
  }
  const missing = Object.entries(known).filter(([name, { required }]) => required && !named[name])
    .map(([name]) => name);
  if (missing.length > 0) {
    throw new InputError(
      `Cannot get prompt "${prompt}": ${missing.join(" and ")} ${
        missing.length > 1 ? "are" : "is"
      } missing`,
    );
  }
  return withDefaults(known, named);
}

function withDefaults(known: Arguments, given: Written): Written {
  return Object.fromEntries(
    Object.entries(known).map(([name, { default: standard = "" }]) =>
      [name, given[name]?.trim() || standard] as const
    ),
  );
}

/** @throws {InputError} one that cannot be used */
async function read({ name: prompt, arguments: known }: Prompt, written: Written, lookup: Lookup) {
  const values: Record<string, unknown> = {};
  for (const [name, argument] of Object.entries(known)) {
    try {
      values[name] = await argument.read(written[name] ?? "", lookup);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw error.with({ message: `Cannot get prompt "${prompt}": ${name}: ${error.message}` });
    }
  }
  return values;
}

/**
 * The context that is meant; undefined for the server's own.
 *
 * @throws {InputError} one that may not be used, or that no tool reaches
 */
async function readContext(
  name: string,
  { road }: Here,
  broker: Broker,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (name === "") return undefined;
  const contexts = await contextsOf(broker, signal);
  const found = contexts.find((context) => context.name === name);
  if (found === undefined) {
    const names = contexts.map((context) => context.name);
    throw unusable(name, "a context that may be used").with({
      hint: nearHint(name, names) ?? `There are ${names.join(", ")}.`,
    });
  }
  if (found.current) return undefined;
  if (road === "scripts") return name;
  throw new InputError(`Cannot use context "${shown(name)}": only scripts reach other contexts`, {
    hint: "They need the tool set code (--toolsets code).",
  });
}

async function contextsOf(broker: Broker, signal: AbortSignal): Promise<readonly ContextEntry[]> {
  return await askJson(broker, { op: "contexts" }, { signal }) as readonly ContextEntry[];
}

/** What a look gives; nothing where the cluster or the policy refuses, or it takes too long. */
async function quietly(
  look: () => Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return await look();
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    if (signal.aborted || (!late && !(error instanceof KubecodeError))) throw error;
    return [];
  }
}
