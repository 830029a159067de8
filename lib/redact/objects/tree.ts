/**
 * Redaction of parsed values: the plain form of what json_bytes.ts does to large answers in one pass.
 * A value in which nothing is hidden is returned itself. Pure.
 */
import { envStrength } from "../detect/named/pairs.ts";
import { type NameStrength, nameStrength } from "../detect/names.ts";
import { flagStrength, isShortOption, redactOptions } from "./arguments.ts";
import { managedKey } from "./managed_fields.ts";
import { leafOf } from "./leaves.ts";
import { seal, SEALED } from "./sealed.ts";
import type { OnLook } from "../detect/text.ts";
import type { Tokens } from "../tokens.ts";
import { fieldSpot, memberSpot, type Objects, type Spot, topSpot } from "./spots.ts";
import { CONTINUE, isCredentialValue } from "../detect/values.ts";
import {
  below,
  type JsonObject,
  keyName,
  mapped,
  renamed,
  tokenOf,
  type Walk,
  within,
} from "./walk.ts";
import { isNumber, isRecord } from "../../std/json/unknown.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** What is known of the place where a value stands. */
export interface Place {
  /** The answer is of Secrets, whose lists do not say so of each item. */
  readonly secrets: boolean;
  /** What it is made of; left out, tokens of values that can be guessed are not found again. */
  readonly objects?: Objects;
}

/** What the byte pass has found out about an object: parsing keeps only the last of repeated keys. */
interface Known {
  readonly secret: boolean;
  readonly pair: NameStrength;
}

const UNKNOWN: Known = { secret: false, pair: "none" };

/** Redacts values. */
export interface Tree {
  /** What it was made with. */
  readonly onLook: OnLook | undefined;
  /** @param spot where it stands; left out for a whole answer */
  value(value: unknown, place: Place, known?: Known, spot?: Spot): unknown;
  /** A string under a key of this strength; undefined where its spot has to be known for that. */
  leaf(strength: NameStrength, text: string, spot?: Spot): string | undefined;
  array(
    values: readonly unknown[],
    strength: NameStrength,
    place: Place,
    spot: Spot,
  ): readonly unknown[];
}

/** Makes the functions over one process's tokens. */
export function createTree(
  tokens: Tokens,
  onLook?: OnLook,
  onStep: () => void = () => {},
): Tree {
  const walk: Walk = {
    tokens,
    onLook,
    onStep,
    leaves: new Map(),
    nesting: 0,
    depth: 0,
    placed: 0,
    spot: undefined,
    inner: (value) => valueOf(walk, value, { secrets: false }),
  };
  return {
    onLook,
    value(value, place, known, spot = topSpot(value, place.objects)) {
      walk.spot = spot;
      return valueOf(walk, value, place, known);
    },
    leaf(strength, text, spot) {
      walk.spot = spot;
      const { placed } = walk;
      const leaf = leafOf(walk, strength, text);
      return spot === undefined && walk.placed > placed ? undefined : leaf;
    },
    array(values, strength, place, spot) {
      walk.spot = spot;
      return arrayOf(walk, values, strength, place);
    },
  };
}

function valueOf(walk: Walk, given: unknown, place: Place, known = UNKNOWN): unknown {
  if (typeof given === "string") return leafOf(walk, "none", given);
  if (Array.isArray(given)) return below(walk, () => arrayOf(walk, given, "none", place));
  return isRecord(given) ? below(walk, () => objectOf(walk, given, place, known)) : given;
}

function objectOf(walk: Walk, given: JsonObject, place: Place, known = UNKNOWN): JsonObject {
  if (given.kind === "Table" && Array.isArray(given.columnDefinitions)) {
    given = tableOf(walk, given);
  }
  const secret = place.secrets || known.secret || given.kind === "Secret";
  const pair = typeof given.value === "string" || isNumber(given.value)
    ? known.pair === "none" ? strongest(given.name, given.key) : known.pair
    : "none";
  let changed = false;
  const fieldOf = (name: string, was: unknown): unknown => {
    if (SEALED.has(name) && isContainer(was)) return seal(walk, was, false);
    if (secret && name === "data" && isContainer(was)) return seal(walk, was, true);
    if (name === "value" && pair !== "none" && isCredentialValue(pair, String(was))) {
      return isNumber(was) && pair !== "password" ? was : tokenOf(walk, String(was));
    }
    return member(walk, name, was, place);
  };
  const entries = Object.entries(given).map(([name, was]): [string, unknown] =>
    within(walk, (outer) => fieldSpot(outer, name, was), () => {
      const now = fieldOf(name, was);
      const shown = keyName(walk, name);
      if (now !== was || shown !== name) changed = true;
      return [shown, now];
    })
  );
  if (Array.isArray(given.command) && Array.isArray(given.args)) {
    const was = given.args;
    const args = within(
      walk,
      (outer) => fieldSpot(outer, "args"),
      () => redactOptions(was, given.command as unknown[], optionToken(walk, was)),
    );
    if (args !== was) {
      changed = true;
      const own = entries.find(([name]) => name === "args")!;
      own[1] = args.map((one, at) => one === was[at] ? (own[1] as unknown[])[at] : one);
    }
  }
  return changed ? Object.fromEntries(entries) : given;
}

function member(walk: Walk, name: string, was: unknown, place: Place): unknown {
  if (name === "continue" && typeof was === "string" && CONTINUE.test(was)) return was;
  const strength = nameStrength(name);
  if (typeof was === "string") return leafOf(walk, strength, was);
  if (isNumber(was)) {
    return strength === "password" && isCredentialValue(strength, String(was))
      ? tokenOf(walk, String(was))
      : was;
  }
  if (Array.isArray(was)) {
    return below(
      walk,
      () =>
        name === "managedFields"
          ? managedOf(walk, was, place)
          : arrayOf(walk, was, strength, place),
    );
  }
  return valueOf(walk, was, place);
}

function arrayOf(
  walk: Walk,
  given: readonly unknown[],
  strength: NameStrength,
  place: Place,
): readonly unknown[] {
  let changed = false;
  const options = redactOptions(given, [], optionToken(walk, given));
  const memberOf = (one: unknown, at: number): unknown => {
    if (Array.isArray(one)) return below(walk, () => arrayOf(walk, one, strength, place));
    if (typeof one !== "string") return valueOf(walk, one, place);
    const flag = flagStrength(given[at - 1]);
    return flag !== "none" && !one.startsWith("-") && isCredentialValue(flag, one)
      ? tokenOf(walk, one)
      : leafOf(walk, strength, one);
  };
  const now = given.map((one, at) => {
    const redacted = options[at] !== one
      ? options[at]
      : within(walk, (outer) => memberSpot(outer, given, at), () => memberOf(one, at));
    if (redacted !== one) changed = true;
    return redacted;
  });
  return changed ? now : given;
}

/** The token of a part of an argument in a list that is where the walk is. */
function optionToken(walk: Walk, given: readonly unknown[]) {
  return (secret: string, at: number, start: number) =>
    within(
      walk,
      (outer) => memberSpot(outer, given, at),
      () => tokenOf(walk, secret, `option ${start}`),
    );
}

/** The record of field managers, in which the keys of list members and members of sets are values. */
function managedOf(walk: Walk, given: readonly unknown[], place: Place): readonly unknown[] {
  return mapped(walk, given, (entry) => {
    if (!isRecord(entry) || !isRecord(entry.fieldsV1)) return valueOf(walk, entry, place);
    return renamed(walk, entry, (name, was) => [
      keyName(walk, name),
      name === "fieldsV1" && isRecord(was)
        ? fieldsOf(walk, was, { strength: "none", sealed: false, place })
        : member(walk, name, was, place),
    ]);
  });
}

/** What is known of the field under which keys of managed fields stand. */
interface Field {
  readonly strength: NameStrength;
  readonly sealed: boolean;
  readonly place: Place;
}

function fieldsOf(walk: Walk, given: JsonObject, field: Field): JsonObject {
  // In a set nobody knows which value comes after a flag.
  const hasFlag = Object.keys(given).some((key) => {
    const read = managedKey(key);
    return read.form === "value" &&
      (flagStrength(read.value) !== "none" || isShortOption(read.value));
  });
  return renamed(walk, given, (key, was) => {
    const read = managedKey(key);
    const inner: Field = read.form === "field"
      ? {
        ...field,
        strength: nameStrength(read.name),
        sealed: field.sealed || SEALED.has(read.name),
      }
      : field;
    const now = isRecord(was)
      ? below(walk, () => fieldsOf(walk, was, inner))
      : member(walk, key, was, field.place);
    if (read.form === "field" || read.form === "other") return [keyName(walk, key), now];
    const shown = keyValue(walk, read.value, hasFlag ? { ...field, strength: "password" } : field);
    return [shown === read.value ? key : `${key.slice(0, 2)}${stringifyExact(shown)}`, now];
  });
}

/** The value in a key of managed fields. */
function keyValue(walk: Walk, value: unknown, { strength, sealed, place }: Field): unknown {
  if (isRecord(value)) {
    // The name that says what it is may be no part of the key.
    const bare = Object.hasOwn(value, "value") && !Object.hasOwn(value, "name") &&
      !Object.hasOwn(value, "key");
    if (sealed) return seal(walk, value, false);
    return objectOf(walk, value, place, { secret: false, pair: bare ? "password" : "none" });
  }
  const text = String(value);
  if (sealed || (strength !== "none" && isCredentialValue(strength, text))) {
    return typeof value === "string" && value.startsWith("-") && !sealed
      ? leafOf(walk, "none", value)
      : tokenOf(walk, text);
  }
  return typeof value === "string" ? leafOf(walk, strength, value) : value;
}

/** The cells of columns that are named as credentials are. */
function tableOf(walk: Walk, given: JsonObject): JsonObject {
  const strengths = (given.columnDefinitions as { name?: unknown }[]).map((column) =>
    nameStrength(String(column?.name ?? ""))
  );
  if (!strengths.some((strength) => strength !== "none") || !Array.isArray(given.rows)) {
    return given;
  }
  const { rows } = given;
  const cellsOf = (cells: readonly unknown[]) =>
    cells.map((cell, at) =>
      typeof cell !== "string" ? cell : within(
        walk,
        (outer) => memberSpot(fieldSpot(outer, "cells"), cells, at),
        () => leafOf(walk, strengths[at] ?? "none", cell),
      )
    );
  const rowOf = (row: { readonly cells?: unknown } | null, at: number) =>
    within(walk, (outer) => memberSpot(fieldSpot(outer, "rows"), rows, at), () => ({
      ...row,
      cells: Array.isArray(row?.cells) ? cellsOf(row.cells) : row?.cells,
    }));
  return { ...given, rows: rows.map(rowOf) };
}

/** What the name of a pair of name and value says. */
function strongest(name: unknown, key: unknown): NameStrength {
  const first = typeof name === "string" ? envStrength(name) : "none";
  return first === "none" && typeof key === "string" ? envStrength(key) : first;
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
