/** What a program is told of the door: a context for each that it may name. */
import type { Brokers, ContextEntry, Origin } from "../broker/types.ts";

/** Whose contexts, and which one is meant. */
interface ContextParts {
  readonly brokers: Brokers;
  readonly origin: Origin;
  readonly context?: string;
  readonly signal: AbortSignal;
}

/** The contexts that the program may name, the one that it means first. */
export async function contextsFor(
  { brokers, origin, context, signal }: ContextParts,
): Promise<readonly ContextEntry[]> {
  const broker = brokers.as(origin);
  const { value } = await broker.call({ op: "contexts" }, undefined, signal).next();
  const all = JSON.parse(new TextDecoder().decode(value?.body)) as ContextEntry[];
  const isFirst = ({ name, current }: ContextEntry) =>
    context === undefined ? current : name === context;
  if (context !== undefined && !all.some(isFirst)) {
    // Refused in the same words as a script's call.
    await broker.call({ op: "contexts", context }, undefined, signal).next();
  }
  return [...all.filter(isFirst), ...all.filter((one) => !isFirst(one))];
}

/** Each context has a path of its own. */
export function serverOf(address: string, index: number): string {
  return `${address}/${index}`;
}

/** The kubeconfig for the program: it names the door, and nothing of the cluster. */
export function kubeconfigFor(
  address: string,
  contexts: readonly ContextEntry[],
  namespace: string | undefined,
): string {
  const [first] = contexts;
  // JSON is YAML.
  return `${
    JSON.stringify(
      {
        apiVersion: "v1",
        kind: "Config",
        "current-context": first?.name,
        contexts: contexts.map((entry, index) => ({
          name: entry.name,
          context: {
            cluster: entry.name,
            user: "kubecode",
            namespace: index === 0 && namespace !== undefined ? namespace : entry.namespace,
          },
        })),
        clusters: contexts.map(({ name }, index) => ({
          name,
          cluster: { server: serverOf(address, index) },
        })),
        users: [{ name: "kubecode", user: {} }],
      },
      undefined,
      2,
    )
  }\n`;
}
