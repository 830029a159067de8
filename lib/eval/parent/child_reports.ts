/** Reads what a child says of itself; nothing about it is taken on trust. Pure. */
import { hintFor } from "./error_hints.ts";
import type { Frame } from "../../sandbox/frames.ts";
import type { ConsoleLine, ScriptFailure, ScriptResult } from "../types.ts";

const LEVELS: readonly ConsoleLine["level"][] = ["log", "info", "warn", "error", "debug"];
const KINDS: readonly ScriptFailure["kind"][] = ["syntax", "error", "memory", "limit"];
const TYPES: readonly ScriptResult["type"][] = ["empty", "string", "json"];

/** Characters of an error's message and hint that are kept. */
const MESSAGE_LIMIT = 8 * 1024;
/** Characters that say why there is no value. */
const NO_VALUE_LIMIT = 300;
/** How many further failures are kept, and how many characters of each. */
const OTHERS = 8;
const OTHER_LIMIT = 300;

/** A line of the console. */
export function readLog({ header, body }: Frame): ConsoleLine {
  const level = oneOf(LEVELS, record(header).level) ?? "log";
  return { level, text: new TextDecoder().decode(body) };
}

/** The end of a script as its child tells it. */
export function readDone(
  { header, body }: Frame,
  script: string,
  resultCharacters: number,
): { ok: true; result: ScriptResult } | { ok: false; failure: ScriptFailure } {
  const told = record(header);
  if (told.ok === true) {
    const type = oneOf(TYPES, told.type) ?? "string";
    const limit = type === "empty" ? NO_VALUE_LIMIT : resultCharacters;
    const result = { type, text: new TextDecoder().decode(body).slice(0, limit) };
    const wholeCharacters = positive(told.wholeCharacters);
    return { ok: true, result: wholeCharacters ? { ...result, wholeCharacters } : result };
  }
  const line = positive(told.line);
  const source = line === undefined ? undefined : script.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1];
  const name = text(told.name) || "Error";
  const message = text(told.message);
  const hint = text(told.hint) || hintFor({ name, message, source: source ?? "", script });
  const others = readOthers(told.others);
  const othersLeftOut = positive(told.othersLeftOut);
  const column = positive(told.column);
  return {
    ok: false,
    failure: {
      kind: oneOf(KINDS, told.kind) ?? "error",
      name,
      message,
      ...(line === undefined ? {} : { line }),
      ...(line === undefined || column === undefined ? {} : { column }),
      ...(source === undefined ? {} : { source }),
      ...(hint ? { hint } : {}),
      ...(others.length > 0 ? { others } : {}),
      ...(othersLeftOut === undefined ? {} : { othersLeftOut }),
    },
  };
}

function readOthers(told: unknown): { message: string; line?: number }[] {
  if (!Array.isArray(told)) return [];
  return told.slice(0, OTHERS).map((other) => {
    const { message, line } = record(other);
    const at = positive(line);
    return {
      message: text(message).slice(0, OTHER_LIMIT),
      ...(at === undefined ? {} : { line: at }),
    };
  });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function oneOf<Value>(all: readonly Value[], value: unknown): Value | undefined {
  return all.find((one) => one === value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value.slice(0, MESSAGE_LIMIT) : "";
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}
