/** Label and field selectors, from the forms that scripts write. Pure. */
import { shown, usageError } from "../base/errors.ts";
import { hasOwn, isArray, keysOf, objectOf } from "../base/primordials.ts";

/**
 * `{app: "web", tier: "front"}` and `{matchLabels, matchExpressions}` to the text of a selector; text
 * as it is. What cannot be said exactly is refused: a selector that lost a part selects too much.
 */
export function selector(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || isArray(value)) throw badSelector(value);
  const given = value as Record<string, unknown>;
  const structured = hasOwn(given, "matchLabels") || hasOwn(given, "matchExpressions");
  if (!structured) return labelTerms(given);
  const names = keysOf(given);
  for (let at = 0; at < names.length; at++) {
    if (names[at] !== "matchLabels" && names[at] !== "matchExpressions") throw badSelector(value);
  }
  let text = labelTerms((given.matchLabels ?? {}) as Record<string, unknown>);
  const expressions = given.matchExpressions ?? [];
  if (!isArray(expressions)) throw badSelector(value);
  for (let at = 0; at < expressions.length; at++) text += `${text && ","}${term(expressions[at])}`;
  return text;
}

function labelTerms(labels: Record<string, unknown>): string {
  let text = "";
  const names = keysOf(labels);
  for (let at = 0; at < names.length; at++) {
    text += `${text && ","}${names[at]}=${plainValue(labels[names[at]!])}`;
  }
  return text;
}

/** One expression of a LabelSelector, as kubectl writes it. */
function term(expression: unknown): string {
  const { key, operator, values } = objectOf(expression) as Record<string, unknown>;
  if (typeof key !== "string") throw badSelector(expression);
  if (operator === "Exists") return key;
  if (operator === "DoesNotExist") return `!${key}`;
  if ((operator !== "In" && operator !== "NotIn") || !isArray(values) || values.length === 0) {
    throw badSelector(expression);
  }
  let list = "";
  for (let at = 0; at < values.length; at++) list += `${list && ","}${plainValue(values[at])}`;
  return `${key} ${operator === "In" ? "in" : "notin"} (${list})`;
}

function plainValue(value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
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
