/** Where the values of a message's fields are. */
import type { Plan, PlannedField } from "./plan.ts";
import { integerAt, WIRE, WireError } from "./wire.ts";

/** Tags of fields that anybody has are far below. */
const LARGEST_TAG = 2 ** 31 - 1;

/** Numbers of one occurrence of a field: which field, where its value begins and ends. */
export const MARK = 3;

/** A stack of what the messages under way have. */
export class Marks {
  readonly #bytes: Uint8Array;
  readonly #cursor = { at: 0 };
  /**
   * For each of a message's fields where its first occurrence stands in this array, and then its occurrences.
   * Another one once more room is needed.
   */
  list = new Int32Array(4_096);
  /** Where the next message begins; whoever is done with one sets it back. */
  top = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Notes where the values of a message's fields are. */
  scan({ fields, byNumber }: Plan, start: number, end: number): void {
    const bytes = this.#bytes;
    const cursor = this.#cursor;
    const base = this.top;
    let top = base + fields.length;
    this.#room(top + MARK);
    let marks = this.list;
    for (let at = base; at < top; at++) marks[at] = 0;
    let last = -1;
    let at = start;
    while (at < end) {
      // Most tags and lengths are one byte.
      let tag = bytes[at++]!;
      if (tag > 127) {
        cursor.at = at - 1;
        tag = integerAt(bytes, cursor, end);
        at = cursor.at;
      }
      const index = tag > LARGEST_TAG ? undefined : byNumber[tag >>> 3];
      if (index === undefined) throw new WireError(`field ${tag >>> 3} is not known`);
      const planned = fields[index]!;
      if ((tag & 7) !== planned.wireType) throw ofAnotherType(planned);
      let from = at;
      if (planned.wireType === WIRE.bytes) {
        let length = bytes[at++]!;
        if (length > 127) {
          cursor.at = at - 1;
          length = integerAt(bytes, cursor, end);
          at = cursor.at;
        }
        from = at;
        at += length;
      } else if (planned.wireType === WIRE.varint) {
        while (bytes[at++]! > 127);
      } else at += 8;
      if (at > end) throw new WireError("the bytes end too early");
      if (index !== last) {
        if (marks[base + index] !== 0) throw twice(planned);
        marks[base + index] = top;
        last = index;
      } else if (!planned.isMany) throw twice(planned);
      if (top + 2 * MARK > marks.length) {
        this.#room(top + 2 * MARK);
        marks = this.list;
      }
      marks[top] = index;
      marks[top + 1] = from;
      marks[top + 2] = at;
      top += MARK;
    }
    // Behind the last one stands none of a field.
    marks[top] = -1;
    this.top = top + 1;
  }

  #room(size: number): void {
    if (size < this.list.length) return;
    const grown = new Int32Array(Math.max(this.list.length * 2, size + 1));
    grown.set(this.list);
    this.list = grown;
  }

  /** Where the value of an occurrence is; of none, `[0, 0]`. */
  range(mark: number): readonly [number, number] {
    return mark === 0 ? [0, 0] : [this.list[mark + 1]!, this.list[mark + 2]!];
  }

  /** Where the value of a message's field is, by the field's name; none is `[0, 0]`. */
  member(plan: Plan, base: number, name: string): readonly [number, number] {
    const index = plan.fields.findIndex(({ field }) => field.name === name);
    return this.range(this.list[base + index] ?? 0);
  }
}

function ofAnotherType({ field }: PlannedField): WireError {
  return new WireError(`${field.name} is of another type`);
}

function twice({ field }: PlannedField): WireError {
  return new WireError(`${field.name} is there twice`);
}
