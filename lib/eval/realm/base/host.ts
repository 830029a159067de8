/**
 * The only way out of the realm: functions of the worker that take and give strings, numbers and the
 * realm's own byte arrays, and never throw. No object of the worker is reachable from a script.
 * Types only.
 */

/** What the worker hands to the realm. Its functions have no prototype and are frozen. */
export interface Host {
  /**
   * Starts a call and gives its number; 0 when the script has made all the calls it may, -1 when the
   * header is too large, the body's bytes with a minus where that is.
   */
  send(header: string, body: string): number;
  /** Blocks until a part of that call's answer is here. */
  wait(id: number): void;
  /** Takes the next part of an answer: its header as JSON; "" when none is here. */
  part(id: number): string;
  /** Tells that so many parts of a watch have been taken: as many more may come. */
  taken(id: number, count: number): void;
  /** Ends a call: its parts no longer come, and its request is given up. */
  cancel(id: number): void;
  /** Body of the part last taken, as text. */
  text(): string;
  /** Length in bytes of the body of the part last taken. */
  size(): number;
  /** Copies the body of the part last taken into an array of that length. */
  bytes(into: Uint8Array): void;
  /** So many random bytes, 65,536 at most, as characters up to U+00FF. */
  random(bytes: number): string;
  /** One line for the console; false when the console is full. */
  log(level: string, text: string): boolean;
  /** Calls {@linkcode RealmHooks.fire} with the number after so many milliseconds. */
  startTimer(number: number, milliseconds: number, repeat: boolean): void;
  stopTimer(number: number): void;
  /** The end; header as {@linkcode DoneHeader} of the protocol, as JSON. */
  finish(header: string, text: string): void;
}

/** What the realm hands to the worker, taken before a script runs. */
export interface RealmHooks {
  /** What was found of the built-ins: the next realm of the worker takes it for granted. */
  readonly areMethodsBare: boolean;
  /** Sets up the globals for one script. */
  start(params: string): void;
  /** A part of an answer has come. */
  answered(id: number): void;
  fire(timer: number): void;
  /** The script's completion value, of a synchronous script. */
  completed(value: unknown): void;
  /** The promise of an asynchronous script. */
  promised(promise: unknown): void;
  failed(error: unknown): void;
  /** A promise was rejected and nobody took notice. */
  unhandled(reason: unknown): void;
}

/** What {@linkcode RealmHooks.start} takes, as JSON. */
export interface StartParams {
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** The same: what the SDK's own changes take for now, where that is not the time itself. */
  readonly startedAt?: number;
  /** Changes are tried out, not made. */
  readonly trial?: boolean;
  /** Calls block and return data, or start at once and return promises. */
  readonly synchronous: boolean;
  /** Text that the rewrite put into the script, to map positions back. */
  readonly insertions: readonly Insertion[];
  /** Integers beyond 2^53 in the script's text, by their digits. */
  readonly largeIntegers: readonly string[];
  /** Where the code was made from the script by more than insertions: what comes from where. */
  readonly places?: readonly Place[];
  /** Why the script has no value, should it come to none. */
  readonly noValue: string;
  readonly resultCharacters: number;
  readonly calls: number;
  readonly argumentBytes: number;
}

/** A 1-based line and column of the code that runs, and the line and column of the script they come from. */
export type Place = readonly [
  line: number,
  column: number,
  sourceLine: number,
  sourceColumn: number,
];

/** Text of some length inserted before a 0-based column of a 1-based line of the script as sent. */
export interface Insertion {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}
