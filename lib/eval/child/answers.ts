/** The answers to calls, in the worker: parts come on a port and wait here until they are taken. */
import { type MessagePort as NodePort, receiveMessageOnPort } from "node:worker_threads";
import type { WorkerAnswer } from "./messages.ts";

/** A part of an answer. */
export interface Part {
  readonly header: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The parts of answers that have come on the port and are not taken yet. */
export interface Answers {
  /** Receives what has come; gives the calls that have parts here. */
  receive(): number[];
  /** Blocks until a part of that call's answer is here. */
  wait(id: number): void;
  take(id: number): Part | undefined;
  /** Answers that call with what was here before. */
  give(id: number, part: Part): void;
  /** Drops the parts of that call, and those that are still to come; false where that was done. */
  drop(id: number): boolean;
  /** Drops all that is for calls up to that one, and what is still to come. */
  forget(last: number): void;
}

/** Makes the store. @param signal raised with each message */
export function createAnswers(port: NodePort, signal: Int32Array): Answers {
  const waiting = new Map<number, Part[]>();
  const dropped = new Set<number>();
  let forgotten = 0;
  function receive(): number[] {
    for (;;) {
      const received = receiveMessageOnPort(port) as { message: WorkerAnswer } | undefined;
      if (received === undefined) return [...waiting.keys()];
      const { message } = received;
      // Sent before the parent heard of the end.
      if (message.id <= forgotten || dropped.has(message.id)) continue;
      const parts = waiting.get(message.id) ?? [];
      parts.push({ header: message.header, body: new Uint8Array(message.body) });
      waiting.set(message.id, parts);
    }
  }
  return {
    receive,
    wait(id) {
      for (;;) {
        const seen = Atomics.load(signal, 0);
        receive();
        if (waiting.get(id)?.length) return;
        Atomics.wait(signal, 0, seen);
      }
    },
    take(id) {
      const parts = waiting.get(id);
      const part = parts?.shift();
      if (parts?.length === 0) waiting.delete(id);
      return part;
    },
    give(id, part) {
      waiting.set(id, [part]);
    },
    drop(id) {
      if (dropped.has(id)) return false;
      dropped.add(id);
      waiting.delete(id);
      return true;
    },
    forget(last) {
      forgotten = last;
      dropped.clear();
      waiting.clear();
    },
  };
}
