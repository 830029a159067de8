/** What the parent and the child that evaluates scripts say to each other, in frames. */
import { READY } from "../sandbox/frames.ts";

/** What a frame is about; the number is its byte on the wire. */
export const FRAME = {
  /** Parent → child: run this script. Header {@linkcode RunHeader}, body the script's text, then names. */
  run: 1,
  /** Parent → child: (a part of) the answer to a call. Header {@linkcode AnswerHeader}. */
  answer: 2,
  /** Child → parent: it may be sent a script. Said again after one that has left nothing behind. */
  ready: READY,
  /** Child → parent: a call. Its header is validated by the broker. */
  call: 4,
  /** Child → parent: one line of the console. Header `{level}`, body the text. */
  log: 5,
  /** Child → parent: the end. Header {@linkcode DoneHeader}, body the result's text. */
  done: 6,
  /** Child → parent: that call is to end; nothing more of it is wanted. */
  cancel: 7,
  /** Child → parent: the script has taken parts of that watch. Header {@linkcode TakenHeader}. */
  taken: 8,
} as const;

/** Header of a `run` frame. */
export interface RunHeader {
  /** Namespace of the context; what `namespace` shows. */
  readonly namespace: string;
  /** Milliseconds since the epoch at which the parent ends the script. */
  readonly deadline: number;
  /** What the SDK's own changes take for now, in milliseconds since the epoch. */
  readonly startedAt?: number;
  /** Changes are tried out, not made. */
  readonly trial?: boolean;
  readonly limits: ChildLimits;
  /**
   * How much of the body is the script. What follows is the answer to its call for the names that the
   * cluster serves: almost every script makes that first, and need not wait for it.
   */
  readonly scriptBytes: number;
}

/** The limits that a child itself keeps; the parent keeps them again. */
export interface ChildLimits {
  readonly memoryBytes: number;
  readonly calls: number;
  readonly argumentBytes: number;
  readonly consoleBytes: number;
  readonly resultCharacters: number;
}

/** Header of an `answer` frame. */
export interface AnswerHeader {
  /** More parts follow: pages of a list. */
  readonly more?: boolean;
  /** The list began anew: the parts before this one are void. */
  readonly again?: boolean;
  /** The list is empty because its namespace does not exist, which has been said. */
  readonly nowhere?: boolean;
  /** How the body is meant: JSON of an object or list, or bytes as they are. */
  readonly form: "json" | "bytes" | "error";
  readonly error?: AnswerError;
}

/**
 * Header of a `taken` frame: how many parts more. A watch is sent no further ahead than
 * {@linkcode WINDOW}, so that what a script does not take stays with the API server.
 */
export interface TakenHeader {
  readonly count: number;
}

/** How far a watch may be ahead of its script: so many parts; one above so many bytes. */
export const WINDOW = { parts: 64, bytes: 1024 * 1024 } as const;

/** Why a call failed, as a script sees it. */
export interface AnswerError {
  readonly name: string;
  readonly message: string;
  readonly hint?: string;
  /** HTTP status, where the API server answered. */
  readonly code?: number;
  readonly reason?: string;
  readonly causes?: readonly { readonly field?: string; readonly message: string }[];
}

/** Header of a `done` frame. */
export type DoneHeader =
  | {
    readonly ok: true;
    readonly type: "empty" | "string" | "json";
    readonly wholeCharacters?: number;
  }
  | {
    readonly ok: false;
    readonly kind: "syntax" | "error" | "memory" | "limit";
    readonly name: string;
    readonly message: string;
    readonly hint?: string;
    readonly line?: number;
    readonly column?: number;
    /** What else failed in the same script, a few of them. */
    readonly others?: readonly { readonly message: string; readonly line?: number }[];
    /** How many more there are. */
    readonly othersLeftOut?: number;
  };
