/** Label and field selectors, from the forms that scripts write. Pure. */
import { shown, usageError } from "../base/errors.ts";
import { exactField } from "../base/exact_numbers.ts";
import { copyOf } from "../base/script_values.ts";

/**
 * `{app: "web", tier: "front"}` and `{matchLabels, matchExpressions}` to the text of a selector; text
 * as it is. What cannot be said exactly is refused: a selector that lost a part selects too much.
 */
export function selector(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badSelector(value);
  const given = value as Record<string, unknown>;
  const structured = Object.hasOwn(given, "matchLabels") ||
    Object.hasOwn(given, "matchExpressions");
  if (!structured) return labelTerms(given);
  for (const name of Object.keys(given)) {
    if (name !== "matchLabels" && name !== "matchExpressions") throw badSelector(value);
  }
  const labels = labelTerms((given.matchLabels ?? {}) as Record<string, unknown>);
  const expressions = given.matchExpressions ?? [];
  if (!Array.isArray(expressions)) throw badSelector(value);
  return [...labels ? [labels] : [], ...copyOf(expressions).map(term)].join(",");
}

function labelTerms(labels: Record<string, unknown>): string {
  return Object.keys(labels).map((name) => `${name}=${plainValue(exactField(labels, name))}`).join(
    ",",
  );
}

/** One expression of a LabelSelector, as kubectl writes it. */
function term(expression: unknown): string {
  const { key, operator, values } = Object(expression) as Record<string, unknown>;
  if (typeof key !== "string") throw badSelector(expression);
  if (operator === "Exists") return key;
  if (operator === "DoesNotExist") return `!${key}`;
  if (
    (operator !== "In" && operator !== "NotIn") || !Array.isArray(values) || values.length === 0
  ) {
    throw badSelector(expression);
  }
  const list = copyOf(values).map(plainValue).join(",");
  return `${key} ${operator === "In" ? "in" : "notin"} (${list})`;
}

function plainValue(value: unknown): string {
  if (
    typeof value === "string" || typeof value === "number" || typeof value === "bigint" ||
    typeof value === "boolean"
  ) {
    return `${value}`;
  }
  throw badSelector(value);
}

/** The error for what is no selector. */
export function badSelector(value: unknown): Error {
  return usageError(
    "InputError",
    `Cannot use ${shown(value)} as a selector or a part of one`,
    'Write "app=web,tier in (a,b)", {app: "web"} or {matchLabels, matchExpressions}.',
  );
}
