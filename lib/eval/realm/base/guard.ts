/**
 * The host as the rest of the realm knows it: functions of the realm itself round those of the
 * worker. What goes out is a primitive, whatever it was in the realm; what the worker's functions
 * throw (a stack that overflows within one, say) never comes in: an error of the worker would lead a
 * script to the worker's `Function`. Whoever gets hold of these functions can do what the SDK can, no
 * more.
 */
import type { Host } from "./host.ts";

const text = (value: unknown) => `${value}`;
const number = (value: unknown) => +(value as number);
const boolean = (value: unknown) => !!value;
/** An array of the realm's own bytes, which the worker fills by a method of its own. */
const bytes = (value: unknown) => value;

/** Wraps each function of the host. */
export function guardHost(host: Host): Host {
  return Object.freeze({
    send: guarded(host.send, text, text),
    wait: guarded(host.wait, number),
    part: guarded(host.part, number),
    taken: guarded(host.taken, number, number),
    cancel: guarded(host.cancel, number),
    text: guarded(host.text),
    size: guarded(host.size),
    bytes: guarded(host.bytes, bytes),
    random: guarded(host.random, number),
    log: guarded(host.log, text, text),
    startTimer: guarded(host.startTimer, number, number, boolean),
    stopTimer: guarded(host.stopTimer, number),
    finish: guarded(host.finish, text, text),
  });
}

/** @param forms what each argument is made into, before the worker's function is called */
function guarded<Args extends unknown[], Result>(
  call: (...args: Args) => Result,
  ...forms: readonly ((value: unknown) => unknown)[]
): (...args: Args) => Result {
  return (...args) => {
    const plain = forms.map((form, at) => form(args[at])) as Args;
    try {
      return call(...plain);
    } catch {
      throw new RangeError("Maximum call stack size exceeded");
    }
  };
}
