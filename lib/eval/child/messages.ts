/** What a child's main thread and its worker say to each other. */
import type { ChildLimits } from "../protocol.ts";
import type { Insertion, Place } from "../realm/base/host.ts";

/** Child → worker: the means of talking, once. */
export interface InitMessage {
  readonly port: MessagePort;
  /** One Int32, raised with each message on the port: what a blocked call waits on. */
  readonly counter: SharedArrayBuffer;
}

/** Child → worker, on the port. */
export interface WorkerAnswer {
  readonly id: number;
  readonly header: string;
  /** A buffer, not an array over it: Deno takes 0.7 s to receive an array of 5 MB by a port. */
  readonly body: ArrayBuffer;
}

/** Child → worker: the script to run, or that there is something on the port. */
export type WorkerInput = WorkerRun | typeof LOOK;

/** Look at the port. */
export const LOOK = 0;

/** What to run. */
export interface WorkerRun {
  readonly code: string;
  readonly synchronous: boolean;
  readonly lineOffset: number;
  readonly insertions: readonly Insertion[];
  readonly largeIntegers: readonly string[];
  readonly places?: readonly Place[];
  readonly noValue: string;
  readonly namespace: string;
  readonly deadline: number;
  readonly startedAt?: number;
  readonly trial?: boolean;
  readonly limits: ChildLimits;
  /** The answer to the call for names; empty where the script is to ask. */
  readonly names: ArrayBuffer;
}

/** Worker → child. */
export type WorkerOutput =
  /** A fresh realm is up. Said again when a script has ended and nothing of it is left. */
  | { readonly kind: "ready" }
  /** The script has left something behind: there is no further one. */
  | { readonly kind: "spent" }
  | {
    readonly kind: "call";
    readonly id: number;
    readonly header: string;
    readonly body: Uint8Array<ArrayBuffer>;
  }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "taken"; readonly id: number; readonly count: number }
  | { readonly kind: "log"; readonly level: string; readonly text: string }
  | { readonly kind: "done"; readonly header: string; readonly text: string };

/** The global object of the worker, as far as it is used. */
export interface WorkerScope {
  postMessage(message: WorkerOutput, transfer?: Transferable[]): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  addEventListener(
    type: "unhandledrejection",
    listener: (event: { promise: object; reason: unknown; preventDefault(): void }) => void,
  ): void;
}
