/** What a shell child's main thread and its worker say to each other. Types only. */
import type { EndedHeader, LineHeader, StartHeader } from "../protocol.ts";

/** Child → worker. Bodies are buffers: Deno takes long to receive an array over one. */
export type WorkerInput =
  | { readonly kind: "run"; readonly header: LineHeader; readonly body: ArrayBuffer }
  | {
    readonly kind: "ended";
    readonly id: number;
    readonly header: EndedHeader;
    readonly body: ArrayBuffer;
  };

/** Worker → child. */
export type WorkerOutput =
  | { readonly kind: "ready" }
  | {
    readonly kind: "start";
    readonly id: number;
    readonly header: StartHeader;
    readonly body: ArrayBuffer;
  }
  | { readonly kind: "done"; readonly header: EndedHeader; readonly body: ArrayBuffer };

/** The global object of the worker, as far as it is used. */
export interface WorkerScope {
  postMessage(message: WorkerOutput, transfer?: Transferable[]): void;
  onmessage: ((event: { data: WorkerInput }) => void) | null;
  addEventListener(
    type: "unhandledrejection",
    listener: (event: { preventDefault(): void }) => void,
  ): void;
}
