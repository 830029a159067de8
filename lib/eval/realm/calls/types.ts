/** One call to the cluster, as the parts of the SDK pass it around. Types only. */
import type { Host } from "../base/host.ts";

/** What is said of a part of an answer. */
export interface PartHeader {
  /** The parts before this one are void. */
  readonly again?: boolean;
  /** A list is empty because its namespace does not exist, which has been said. */
  readonly nowhere?: boolean;
}

/** Takes the parts of an answer as they come, and gives the value at the end. */
export interface Decoder {
  add(host: Host, header: PartHeader): void;
  end(): unknown;
}

/** One call to make. */
export interface CallSpec {
  readonly header: object;
  readonly body?: string;
  readonly decoder: Decoder;
  /** Methods that the promise of the call offers besides its own, each given the value. */
  readonly methods?: Readonly<Record<string, (value: unknown) => unknown>>;
  /** What an awaited call gives, where that is not the value itself. */
  readonly awaited?: (value: unknown) => unknown;
}

/** A call under way: one request, or a flow of several. */
export interface Call {
  readonly id: number;
  readonly spec: Omit<CallSpec, "header">;
  /** Made where the call stands in the script. */
  readonly error: Error;
  state: "open" | "done" | "failed";
  /** Somebody has seen, or will see, whether it failed. */
  observed: boolean;
  value: unknown;
  settle: (() => void) | undefined;
  /** Blocks until something has come of it. */
  progress(): void;
}
