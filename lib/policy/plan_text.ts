/** A plan in words: what a person reads before saying yes. Pure. */
import { shown } from "../std/shown.ts";
import type { Plan, PlannedChange } from "./plan.ts";

/** Clusters and namespaces that are named; of more only the number is told. */
const PLACES = 5;

/**
 * A plan as a person or a model reads it: the gravest changes first, each with its number in the order
 * of the run, and counted at the end. What is left out for length is said in the first line: nobody
 * is to take a part for the whole.
 */
export function planText({ changes }: Plan): string {
  if (changes.length === 0) return "No changes.";
  const parts = changes.map((change, at) => ({ change, number: at + 1 }))
    .sort((a, b) => b.change.subject.gravity - a.change.subject.gravity || a.number - b.number)
    .map(({ change: { what, lines, leftOut }, number }) =>
      [
        `${number}. ${what}`,
        ...lines.map((line) => `    ${line}`),
        ...(leftOut > 0 ? [`    … ${leftOut} more lines`] : []),
      ].join("\n")
    );
  // Reads side by side may end in another order each time, and what waits for them with them.
  const order = changes.length > 1
    ? [
      "(Gravest first; the numbers are the order in which they are made.)",
    ]
    : [];
  return [headOf(changes), ...parts, ...order, `${countOf(changes)}: ${kindsOf(changes)}`].join(
    "\n",
  );
}

/** What a person is asked: where, by whom, and what. */
export function questionText(plan: Plan, tool: string): string {
  return `${placesOf(plan.changes)}. ${tool} asks to make ${planText(plan)}`;
}

/** `Context "prod", cluster "prod-eu", namespace "shop"`. */
function placesOf(changes: readonly PlannedChange[]): string {
  const contexts = new Map<
    string,
    { readonly cluster: string; readonly namespaces: Set<string> }
  >();
  for (const { subject: { context, cluster, namespace } } of changes) {
    const place = contexts.get(context) ?? { cluster, namespaces: new Set() };
    contexts.set(context, place);
    if (namespace !== undefined) place.namespaces.add(namespace);
  }
  const places = [...contexts].map(([context, { cluster, namespaces }]) => {
    const named = [...namespaces].map(quoted);
    const where = named.length === 0
      ? "no namespace"
      : `namespace${named.length > 1 ? "s" : ""} ${few(named)}`;
    return `context ${quoted(context)}, cluster ${quoted(cluster)}, ${where}`;
  });
  const text = places.join("; ");
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function few(names: readonly string[]): string {
  const more = names.length - PLACES;
  return `${names.slice(0, PLACES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function quoted(name: string): string {
  return shown(JSON.stringify(name));
}

function headOf(changes: readonly PlannedChange[]): string {
  const sum = (of: (change: PlannedChange) => number) =>
    changes.reduce((total, change) => total + of(change), 0);
  const [leftOut, cut] = [sum((one) => one.leftOut), sum((one) => one.cut)];
  const missing = [
    leftOut > 0 ? `${leftOut} lines are left out` : "",
    cut > 0 ? `${cut} are cut` : "",
  ]
    .filter((part) => part).join(", ");
  return `${countOf(changes)}${missing && ` (NOT ALL IS SHOWN: ${missing})`}:`;
}

function countOf({ length }: readonly PlannedChange[]): string {
  return length === 1 ? "1 change" : `${length} changes`;
}

/** `58 create pods, 2 delete namespaces`. */
function kindsOf(changes: readonly PlannedChange[]): string {
  const counts = new Map<string, number>();
  for (const { subject: { verb, resource } } of changes) {
    const kind = shown(`${verb} ${resource}`);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}
