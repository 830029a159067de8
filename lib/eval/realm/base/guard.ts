/**
 * The host as the rest of the realm knows it: functions of the realm itself round those of the
 * worker. What goes out is a primitive, whatever a script has replaced; what the worker's functions
 * throw (a stack that overflows within one, say) never comes in: an error of the worker would lead a
 * script to the worker's `Function`. Who gets hold of these functions can do what the SDK can, no more.
 */
import type { Host } from "./host.ts";
import { freeze } from "./primordials.ts";

const RangeErrorClass = RangeError;
const message = "Maximum call stack size exceeded";

/** Wraps each function of the host. */
export function guardHost(host: Host): Host {
  const {
    send,
    wait,
    part,
    taken,
    cancel,
    text,
    size,
    bytes,
    log,
    startTimer,
    stopTimer,
    finish,
  } = host;
  const guarded: Host = {
    send(header, body) {
      const plainHeader = `${header}`;
      const plainBody = `${body}`;
      try {
        return send(plainHeader, plainBody);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    wait(id) {
      const number = +id;
      try {
        wait(number);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    part(id) {
      const number = +id;
      try {
        return part(number);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    taken(id, count) {
      const number = +id;
      const plainCount = +count;
      try {
        taken(number, plainCount);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    cancel(id) {
      const number = +id;
      try {
        cancel(number);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    text() {
      try {
        return text();
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    size() {
      try {
        return size();
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    bytes(into) {
      try {
        bytes(into);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    log(level, line) {
      const plainLevel = `${level}`;
      const plainLine = `${line}`;
      try {
        return log(plainLevel, plainLine);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    startTimer(number, milliseconds, repeat) {
      const plainNumber = +number;
      const plainDelay = +milliseconds;
      try {
        startTimer(plainNumber, plainDelay, !!repeat);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    stopTimer(number) {
      const plainNumber = +number;
      try {
        stopTimer(plainNumber);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
    finish(header, result) {
      const plainHeader = `${header}`;
      const plainResult = `${result}`;
      try {
        finish(plainHeader, plainResult);
      } catch {
        throw new RangeErrorClass(message);
      }
    },
  };
  return freeze({ __proto__: null, ...guarded } as Host);
}
