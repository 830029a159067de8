/** How a message is written fast: what of the table is asked again and again, found once. */
import type { Field, Form, Message, ValueType } from "./table.ts";
import { WIRE } from "./wire.ts";

const encoder = new TextEncoder();

/** A message: the same table, by number. */
export interface Plan {
  readonly form: Form;
  /** In the order in which Go writes them. */
  readonly fields: readonly PlannedField[];
  /** Index of a field by its number. */
  readonly byNumber: readonly (number | undefined)[];
}

/** One of its fields. */
export interface PlannedField {
  readonly field: Field;
  /** Its name as JSON has it, with quotes and colon. */
  readonly key: Uint8Array;
  readonly wireType: number;
  readonly isManagedFields: boolean;
  /** May be there several times. */
  readonly isMany: boolean;
  /** Nothing is written of it where it has no value. */
  readonly isLeftOut: boolean;
  /** Of the messages that it is made of; they may be made of this one. */
  plan?: Plan;
  type?: ValueType;
}

const plans = new WeakMap<Message, Plan>();

/** The plan of a message. */
export function planOf(message: Message): Plan {
  const known = plans.get(message);
  if (known) return known;
  const fields: PlannedField[] = [];
  const byNumber: (number | undefined)[] = [];
  for (const [number, field] of message.fields) {
    byNumber[number] = fields.length;
    fields.push({
      field,
      key: encoder.encode(`${JSON.stringify(field.name)}:`),
      wireType: field.shape === "map" ? WIRE.bytes : wireTypeOf(field.type),
      isManagedFields: field.name === "managedFields",
      isMany: field.shape === "list" || field.shape === "map",
      isLeftOut: field.shape !== "inline" && field.omitEmpty &&
        (field.shape !== "one" || typeof field.type !== "object"),
    });
  }
  const plan = { form: message.form, fields, byNumber };
  plans.set(message, plan);
  return plan;
}

function wireTypeOf(type: ValueType): number {
  if (type === "boolean" || type === "int32" || type === "int64") return WIRE.varint;
  return type === "double" ? WIRE.fixed64 : WIRE.bytes;
}
