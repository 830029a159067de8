/** A page of a list as its asker has seen it, and the objects in its bytes. Pure. */
import type { VersionsPage } from "../../kube/calls/answers.ts";
import { concatBytes } from "../../std/bytes.ts";

/** Where the bytes of one object lie. */
export interface ShownObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly start: number;
  readonly end: number;
}

/** A page with its objects, by what they are known by. */
export interface ShownPage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `{"kind":"PodList","apiVersion":"v1"`: what is the same on each page. */
  readonly what: string;
  /** None at all where there is one that could not be known again, or two that could not be told apart. */
  objects(): ReadonlyMap<string, ShownObject>;
  /** Memory that it takes by now, with its objects where they have been looked for. */
  size(): number;
}

/** What it takes to know one object again and where it lies, about. */
const PLACE_BYTES = 150;

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Longer than a list has to say of itself before its objects, and an object before its version. */
const HEAD_BYTES = 2_048;

/** Lists are written here, from protobuf: Go's order, and no blanks. */
const LIST_HEAD =
  /^(\{"kind":"[^"\\]*","apiVersion":"[^"\\]*"),"metadata":\{(?:"[^"\\]*":(?:"[^"\\]*"|\d+),?)*\},"items":\[/;
const OBJECT_HEAD =
  /^\{"metadata":\{"name":"[^"\\]*",(?:"(?:generateName|namespace|selfLink)":"[^"\\]*",)*"uid":"([^"\\]+)","resourceVersion":"([^"\\]+)"[,}]/;

const latin1 = new TextDecoder("latin1");
const encoder = new TextEncoder();
const END = encoder.encode("]}");
const NO_OBJECTS: ReadonlyMap<string, ShownObject> = new Map();

/** By what the state of an object is known; "" where there is no telling, as of an aggregated API's. */
export function identityOf(
  { uid, resourceVersion }: { readonly uid: string; readonly resourceVersion: string },
): string {
  return uid === "" || resourceVersion === "" ? "" : `${uid} ${resourceVersion}`;
}

/** A page from its bytes; undefined for one that is written in another form. */
export function shownPage(bytes: Uint8Array<ArrayBuffer>): ShownPage | undefined {
  const head = LIST_HEAD.exec(headOf(bytes, 0));
  if (!head) return undefined;
  let found: ReadonlyMap<string, ShownObject> | undefined;
  return {
    bytes,
    what: head[1]!,
    objects: () => found ??= objectsFrom(bytes, head[0].length),
    size: () => sizeOf(bytes, found),
  };
}

/** The page of these objects, and of what the list says by now. */
export function composedPage(
  what: string,
  metadata: VersionsPage["metadata"],
  objects: ReadonlyMap<string, ShownObject>,
): ShownPage {
  const head = encoder.encode(`${what},"metadata":${JSON.stringify(metadata)},"items":[`);
  const pieces: Uint8Array[] = [head];
  const moved = new Map<string, ShownObject>();
  const spans: { readonly identity: string; readonly start: number; readonly end: number }[] = [];
  let at = head.length;
  let run: { bytes: Uint8Array; start: number; end: number } | undefined;
  for (const [identity, { bytes, start, end }] of objects) {
    if (run && run.bytes === bytes && run.end + 1 === start) run.end = end;
    else {
      if (run) pieces.push(run.bytes.subarray(run.start, run.end), Uint8Array.of(COMMA));
      run = { bytes, start, end };
    }
    spans.push({ identity, start: at, end: at + end - start });
    at += end - start + 1;
  }
  if (run) pieces.push(run.bytes.subarray(run.start, run.end));
  pieces.push(END);
  const bytes = concatBytes(pieces);
  for (const { identity, start, end } of spans) moved.set(identity, { bytes, start, end });
  return { bytes, what, objects: () => moved, size: () => sizeOf(bytes, moved) };
}

function sizeOf(
  { buffer }: Uint8Array,
  objects: ReadonlyMap<string, ShownObject> = NO_OBJECTS,
): number {
  return buffer.byteLength + objects.size * PLACE_BYTES;
}

/** @param at behind the bracket in which the objects are */
function objectsFrom(
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
): ReadonlyMap<string, ShownObject> {
  const found = new Map<string, ShownObject>();
  let depth = 0;
  let start = from;
  for (let at = from; at < bytes.length; at++) {
    const code = bytes[at]!;
    if (code === QUOTE) {
      for (at += 1; bytes[at] !== QUOTE && at < bytes.length; at++) {
        if (bytes[at] === BACKSLASH) at += 1;
      }
    } else if (code === OPEN_OBJECT) {
      if (depth === 0) start = at;
      depth += 1;
    } else if (code === CLOSE_OBJECT) {
      depth -= 1;
      if (depth > 0) continue;
      const [, uid = "", resourceVersion = ""] = OBJECT_HEAD.exec(headOf(bytes, start)) ?? [];
      const identity = identityOf({ uid, resourceVersion });
      if (identity === "" || found.has(identity)) return NO_OBJECTS;
      found.set(identity, { bytes, start, end: at + 1 });
    } else if (code === CLOSE_ARRAY && depth === 0) break;
  }
  return found;
}

function headOf(bytes: Uint8Array, start: number): string {
  return latin1.decode(bytes.subarray(start, start + HEAD_BYTES));
}
