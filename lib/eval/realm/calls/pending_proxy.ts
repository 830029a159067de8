/** A call under way as an asynchronous script holds it. */
import type { Call } from "./types.ts";
import { usageError } from "../base/errors.ts";
import {
  apply,
  catchOf,
  finallyOf,
  getPrototypeOf,
  objectOf,
  ownKeys,
  ProxyClass,
  reflectDelete,
  reflectDescriptor,
  reflectGet,
  reflectHas,
  reflectSet,
  then,
} from "../base/primordials.ts";

/** What is both: a promise to whoever awaits it, the data to whoever touches it. */
export function pendingProxy(
  promise: Promise<unknown>,
  shown: Promise<unknown>,
  call: Call,
  take: (call: Call) => unknown,
): unknown {
  const plain = () => call.spec.awaited ? call.spec.awaited(take(call)) : take(call);
  // A primitive's methods are found on its object form.
  const value = () => objectOf(plain()) as object;
  const observing = (method: (self: Promise<unknown>, ...args: never[]) => unknown) =>
  (
    ...args: unknown[]
  ) => {
    call.observed = true;
    return apply(method, undefined, [shown, ...args]);
  };
  const promised: Record<string, unknown> = {
    __proto__: null,
    then: observing(then as never),
    catch: observing(catchOf as never),
    finally: observing(finallyOf as never),
    // JSON.stringify sees the data, whatever its type.
    toJSON: plain,
  };
  const methods = call.spec.methods ?? {};
  return new ProxyClass({ __proto__: null } as object, {
    __proto__: null,
    get(_, key) {
      if (typeof key === "string" && reflectHas(promised, key)) return promised[key];
      if (typeof key === "string" && reflectDescriptor(methods, key)) {
        return () => {
          call.observed = true;
          return then(promise, (raw) => methods[key]!(raw));
        };
      }
      const data = value();
      const member = reflectGet(data, key, data);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => apply(member, data, args);
    },
    has: (_, key) => reflectHas(value(), key),
    set: (_, key, set) => reflectSet(value(), key, set),
    deleteProperty: (_, key) => reflectDelete(value(), key),
    ownKeys: () => ownKeys(value()),
    getPrototypeOf: () => getPrototypeOf(value()),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = reflectDescriptor(value(), key);
      // The proxy's own target is empty: what it reports must be configurable.
      return descriptor && { ...descriptor, configurable: true };
    },
    defineProperty() {
      throw usageError("TypeError", "a pending result takes no definitions: await it first");
    },
  } as ProxyHandler<object>);
}
