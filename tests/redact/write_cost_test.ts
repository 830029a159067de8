/** Nobody who writes an object can make its way back to values hold the server up: its cost is linear. */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { ENDLESS } from "./endless.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { exposedPath } from "../../lib/redact/writes/exposure.ts";
import { writtenByJsonPatch } from "../../lib/redact/writes/json_patch_words.ts";
import { createFinder, hideKnown } from "../../lib/redact/writes/known_values.ts";
import { hiddenStrings, type Live } from "../../lib/redact/writes/live.ts";
import { writtenBy } from "../../lib/redact/writes/own_words.ts";
import { restore, restoreJsonPatch } from "../../lib/redact/writes/restore.ts";

const redactor = createRedactor(undefined, ENDLESS);

/** A number of entries of an object or a list, by their index. */
const many = <Value>(size: number, make: (at: number) => Value) =>
  Array.from({ length: size }, (_, at) => make(at));
const record = (size: number, value: (at: number) => unknown) =>
  Object.fromEntries(many(size, (at) => [`k${at}`, value(at)]));

function liveOf(data: unknown): Live {
  const raw = { kind: "Secret", metadata: { name: "s" }, data };
  return { raw, shown: redactor.value(raw, { secrets: true }) };
}

const password = (at: number) => btoa(`Sesame-${at}-open`);
const dataOf = ({ shown }: Live) => (shown as { data: Record<string, unknown> }).data;
const operations = (size: number, operation: (at: number) => object) =>
  many(size, (at) => operation(at));

/** What is done, for a size; what it needs is made before. */
const WORK: readonly (readonly [what: string, work: (size: number) => () => unknown])[] = [
  ["an update of many tokens", (size) => {
    const live = liveOf(record(size, password));
    return () => restore({ data: dataOf(live) }, live);
  }],
  ["tokens in a list of named members", (size) => {
    const env = many(size, (at) => ({ name: `PASSWORD_${at}`, value: `Sesame-${at}-open` }));
    const live = { raw: { env }, shown: redactor.value({ env }, { secrets: false }) };
    return () => restore(live.shown, live);
  }],
  ["members of one name", (size) => {
    const env = many(size, (at) => ({ name: "PASSWORD", value: `Sesame-${at}-open` }));
    const live = { raw: { env }, shown: redactor.value({ env }, { secrets: false }) };
    return () => restore(live.shown, live);
  }],
  ["a JSON patch that writes each token back", (size) => {
    const live = liveOf(record(size, password));
    const shown = dataOf(live);
    const patch = operations(size, (at) => ({
      op: "replace",
      path: `/data/k${at}`,
      value: shown[`k${at}`],
    }));
    return () => restoreJsonPatch(patch, live);
  }],
  ["a JSON patch that asks for the whole again and again", (size) => {
    const live = liveOf(record(size, password));
    const patch = operations(size, () => ({ op: "test", path: "/metadata", value: 1 }));
    const copies = operations(size, () => ({ op: "copy", from: "/metadata", path: "/x" }));
    return () => restoreJsonPatch([...patch, ...copies], live);
  }],
  ...(["add", "replace", "remove", "move", "copy"] as const).map((op) =>
    [`the words of a JSON patch, ${op} in a list`, (size: number) => {
      const raw = { list: many(size, String) };
      const patch = operations(size, (at) => ({ op, path: "/list/0", from: "/list/1", value: at }));
      return () => writtenByJsonPatch(patch, raw);
    }] as const
  ),
  ["the words of a JSON patch, add in an object", (size) => {
    const patch = operations(size, (at) => ({ op: "add", path: `/data/k${at}`, value: `${at}` }));
    return () => writtenByJsonPatch(patch, { data: {} });
  }],
  ["the words of a JSON patch below what was copied", (size) => {
    const patch = operations(size, (at) => ({ op: "add", path: `/copied/${at}`, value: `${at}` }));
    const copy = { op: "copy", from: "/data", path: "/copied" };
    return () => writtenByJsonPatch([copy, ...patch], { data: {} });
  }],
  ["what an update exposes of many values", (size) => {
    const live = liveOf(record(size, password));
    const after = record(size, (at) => `Sesame-${at}-closed`);
    return () => exposedPath(live, after, writtenBy({}));
  }],
  ["values that all begin alike", (size) => {
    const values = many(size, (at) => `Sesame-open-${at}`);
    const text = "Sesame-open-".repeat(size);
    return () => createFinder(values).isIn(text);
  }],
  ["values that begin as the text goes on", (size) => {
    const values = many(size, (at) => `${"a".repeat(at % 60)}b${at}`);
    const text = "a".repeat(size * 10);
    return () => createFinder(values).isIn(text);
  }],
  ["an error that quotes escapes", (size) => {
    const hidden = new Map(many(100, (at) => [`Sesame-${at}-open`, "[redacted:000000000000]"]));
    const text = "\\\\\\\"\\u0026''".repeat(size);
    return () => hideKnown(text, hidden);
  }],
  ["the hidden strings of an object", (size) => {
    const live = liveOf(record(size, password));
    return () => hiddenStrings(live);
  }],
];

/** What is linear takes 16 times as long for 16 times as much, what is square 256 times. */
const TIMES = 16;
const BOUND = 80;

for (const [what, work] of WORK) {
  Deno.test(needs(["time"], `writes cost in proportion to their size: ${what}`), () => {
    const time = (run: () => unknown) => {
      const started = performance.now();
      run();
      return performance.now() - started;
    };
    let [little, much] = [0, Infinity];
    for (let tries = 0; tries < 5 && much > BOUND * Math.max(little, 0.2); tries++) {
      little = Math.min(...many(3, () => time(work(1_000))));
      much = time(work(1_000 * TIMES));
    }
    assert.ok(much <= BOUND * Math.max(little, 0.2), `${little} ms, then ${much} ms`);
  });
}
