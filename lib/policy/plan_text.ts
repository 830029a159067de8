/** A plan in words: what a person reads before saying yes. Pure. */
import type { Plan } from "./plan.ts";

/**
 * A plan as a person or a model reads it. What is left out for length is said in the first line:
 * nobody is to take a part for the whole.
 */
export function planText({ changes }: Plan): string {
  const parts = changes.map(({ what, lines, leftOut }) =>
    [
      `- ${what}`,
      ...lines.map((line) => `    ${line}`),
      ...(leftOut > 0 ? [`    … ${leftOut} more lines`] : []),
    ].join("\n")
  );
  // Reads side by side may end in another order each time, and what waits for them with them.
  const order = changes.length > 1 ? ["(Made in the order in which the run comes to them.)"] : [];
  return [headOf(changes), ...parts, ...order].join("\n");
}

function headOf(changes: Plan["changes"]): string {
  if (changes.length === 0) return "No changes.";
  const sum = (of: (change: Plan["changes"][number]) => number) =>
    changes.reduce((total, change) => total + of(change), 0);
  const [leftOut, cut] = [sum((one) => one.leftOut), sum((one) => one.cut)];
  const missing = [
    leftOut > 0 ? `${leftOut} lines are left out` : "",
    cut > 0 ? `${cut} are cut` : "",
  ]
    .filter((part) => part).join(", ");
  const count = changes.length === 1 ? "1 change" : `${changes.length} changes`;
  return `${count}${missing && ` (NOT ALL IS SHOWN: ${missing})`}:`;
}
