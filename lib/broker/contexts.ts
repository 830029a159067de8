/**
 * The contexts that may be named in a call: the one place where such a name, which comes from a
 * script, is checked against what the person who started the server allows. A context that is not
 * allowed gets the same answer as one that does not exist.
 */
import { ConfigError, KubecodeError, PolicyError } from "../errors.ts";
import type { KubeClient } from "../kube/client.ts";
import { cacheByAge } from "../std/async.ts";
import { nearestNames } from "../std/nearest.ts";
import { matchesOne } from "../policy/rules/patterns.ts";
import type { ContextEntry } from "./types.ts";

/** What is known of the contexts. */
export interface ContextsParts {
  /** Patterns of the names that may be used besides the current one; none: the feature is off. */
  readonly allowed: readonly string[];
  /** All contexts of the configuration. */
  list(): Promise<readonly ContextEntry[]>;
}

/** How long a list stays fresh, so that a script that asks in a loop does not read files in a loop. */
const FRESH_MS = 2_000;

/** Characters of a name that an error repeats. */
const SHOWN = 100;

/** The way from names to clients. */
export interface Contexts {
  /**
   * The contexts that may be used; that one alone where one is named.
   *
   * @throws {PolicyError} a name that is not allowed, or not there
   */
  visible(name?: string): Promise<readonly ContextEntry[]>;
  /**
   * The client of a context, of the current one where none is named.
   *
   * @throws {PolicyError} a name that is not allowed, or not there
   */
  client(name: string | undefined): Promise<KubeClient>;
}

/** Makes the way from names to clients. */
export function createContexts(
  connect: (context?: string) => Promise<KubeClient>,
  { allowed, list }: ContextsParts = { allowed: [], list: () => currentOnly(connect) },
): Contexts {
  const listed = cacheByAge(list);
  /** Names that were found once: they cost no look at the configuration again. */
  const known = new Set<string>();

  /** The current one, and what the patterns allow. */
  async function all(): Promise<readonly ContextEntry[]> {
    const entries = await listed(FRESH_MS);
    return entries.filter(({ name, current }) => current || matchesOne(allowed, name));
  }

  /** One of them. */
  async function one(name: string): Promise<ContextEntry> {
    const entries = await all();
    const entry = entries.find((each) => each.name === name);
    if (entry === undefined) throw refusal(name, entries);
    return entry;
  }

  return {
    async visible(name?: string): Promise<readonly ContextEntry[]> {
      return name === undefined ? await all() : [await one(name)];
    },
    async client(name: string | undefined): Promise<KubeClient> {
      if (name === undefined) return await connect();
      if (known.has(name)) return await connectTo(name);
      const entry = await one(name);
      // The first connection decides which context is current, even if the file has changed since.
      const current = entry.current ? await connect() : undefined;
      if (current?.access.context === name) return current;
      if (!matchesOne(allowed, name)) throw refusal(name, await all());
      known.add(name);
      return await connectTo(name);
    },
  };

  async function connectTo(name: string): Promise<KubeClient> {
    try {
      return await connect(name);
    } catch (error) {
      // Its hint may list other entries of the kubeconfig, which are not for scripts.
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(error.message, {
        cause: error,
        hint: "The person who runs kubecode can see more with `kubecode doctor`.",
      });
    }
  }

  function refusal(name: string, entries: readonly ContextEntry[]): PolicyError {
    const shown = quoted(name);
    if (allowed.length === 0) {
      return new PolicyError(
        `Cannot use the context ${shown}: scripts may use only the one that the server runs with`,
        { hint: "The person who runs kubecode can allow others by starting it with --contexts." },
      );
    }
    const [near] = nearestNames(name, entries.map((entry) => entry.name));
    return new PolicyError(
      `Cannot use the context ${shown}: it is none of those that scripts may use`,
      {
        hint: near === undefined ? "k8s.contexts() lists them." : `Did you mean ${quoted(near)}?`,
      },
    );
  }
}

/** What a configuration that is not looked into has. */
async function currentOnly(connect: () => Promise<KubeClient>): Promise<readonly ContextEntry[]> {
  const { context, cluster, namespace } = (await connect()).access;
  return [{ name: context, cluster, namespace, current: true }];
}

/** An error of a call that named a context says which, unless it does already. */
export function namingContext(error: unknown, context: string | undefined): unknown {
  if (context === undefined || !(error instanceof KubecodeError)) return error;
  const words = `context ${quoted(context)}`;
  // Several calls may share one discovery's error: name the context once.
  if (!error.message.includes(words)) error.message += ` (${words})`;
  return error;
}

function quoted(name: string): string {
  return JSON.stringify(name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name);
}
