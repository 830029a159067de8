/** What is asked of the worker, and what it answers. Types only. */
import type { Span } from "./detect/spans.ts";
import type { Place } from "./objects/tree.ts";

/** What to look at in a text: `redactor.bytes`. */
export interface TextOptions {
  readonly part?: Span;
  readonly timestamps?: boolean;
}

/** How a body is searched. */
export type How = { readonly form: "json"; readonly place: Place } | {
  readonly form: "bytes";
  readonly options?: TextOptions;
};

/** One body to be searched. */
export interface Job {
  /** Of the tokens: those of a value are the same in both threads. */
  readonly key: Uint8Array;
  /** A buffer, not an array over it: Deno takes long to receive an array. */
  readonly body: ArrayBuffer;
  readonly how: How;
}

/** What came of it. */
export type Outcome = { readonly ok: true; readonly body: ArrayBuffer } | {
  readonly ok: false;
  readonly message: string;
  readonly hint?: string | undefined;
};
