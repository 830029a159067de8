/** Messages that are no kinds of their own, and that the table does not have. */
import type { Field, Message, ValueType } from "./table.ts";

/** A message of fields that JSON leaves out when they are empty, by their numbers. */
export function optionalFields(
  fields: Readonly<Record<number, readonly [string, ValueType, Field["shape"]?]>>,
): Message {
  return {
    form: "object",
    fields: new Map(
      Object.entries(fields).map(([number, [name, type, shape = "one"]]) => [
        Number(number),
        { name, type, shape, omitEmpty: true, omitNull: false },
      ]),
    ),
  };
}

/** `meta/v1.ListMeta`. */
export const LIST_META: Message = optionalFields({
  1: ["selfLink", "text"],
  2: ["resourceVersion", "text"],
  3: ["continue", "text"],
  4: ["remainingItemCount", "int64", "pointer"],
});
