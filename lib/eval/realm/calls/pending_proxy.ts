/** A call under way as an asynchronous script holds it. */
import type { Call } from "./types.ts";
import { usageError } from "../base/errors.ts";

/** What is both: a promise to whoever awaits it, the data to whoever touches it. */
export function pendingProxy(
  promise: Promise<unknown>,
  shown: Promise<unknown>,
  call: Call,
  take: (call: Call) => unknown,
): unknown {
  const plain = () => call.spec.awaited ? call.spec.awaited(take(call)) : take(call);
  // A primitive's methods are found on its object form.
  const value = () => Object(plain()) as object;
  const observing = (name: "then" | "catch" | "finally") => (...args: unknown[]) => {
    call.observed = true;
    return Reflect.apply(shown[name], shown, args);
  };
  const methods = Object.entries(call.spec.methods ?? {});
  const promised = new Map<PropertyKey, unknown>([
    ["then", observing("then")],
    ["catch", observing("catch")],
    ["finally", observing("finally")],
    // JSON.stringify sees the data, whatever its type.
    ["toJSON", plain],
    ...methods.map(([name, method]): [string, unknown] => [name, () => {
      call.observed = true;
      return promise.then((raw) => method(raw));
    }]),
  ]);
  return new Proxy<object>({}, {
    get(_, key) {
      if (promised.has(key)) return promised.get(key);
      const data = value();
      const member = Reflect.get(data, key, data);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => Reflect.apply(member, data, args);
    },
    has: (_, key) => Reflect.has(value(), key),
    set: (_, key, set) => Reflect.set(value(), key, set),
    deleteProperty: (_, key) => Reflect.deleteProperty(value(), key),
    ownKeys: () => Reflect.ownKeys(value()),
    getPrototypeOf: () => Object.getPrototypeOf(value()),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(value(), key);
      // The proxy's own target is empty: what it reports must be configurable.
      return descriptor && { ...descriptor, configurable: true };
    },
    defineProperty() {
      throw usageError("TypeError", "a pending result takes no definitions: await it first");
    },
  });
}
