/** AbortController and AbortSignal (https://dom.spec.whatwg.org/#aborting-ongoing-activities). */
import { usageError } from "../base/errors.ts";
import { copyOf } from "../base/script_values.ts";

/** Starts a timer of the script. */
export type StartTimer = (callback: () => void, milliseconds: number) => unknown;

type Listener = ((event: object) => unknown) | { handleEvent(event: object): unknown };

interface Listening {
  readonly listener: Listener;
  readonly once: boolean;
}

/** Listeners with one more; each is there once. */
function withListener(
  all: readonly Listening[],
  listener: Listener,
  options: unknown,
): readonly Listening[] {
  if (all.some((known) => known.listener === listener)) return all;
  const once = Boolean((Object(options ?? {}) as { once?: unknown }).once);
  return [...all, { listener, once }];
}

/** Calls what listens to a signal that is aborted. */
function tell(signal: { onabort: unknown }, listeners: readonly Listening[]): void {
  const event = { type: "abort", target: signal };
  const called = typeof signal.onabort === "function" ? [signal.onabort as Listener] : [];
  for (const listener of [...called, ...listeners.map(({ listener }) => listener)]) {
    if (typeof listener === "function") Reflect.apply(listener, signal, [event]);
    else listener.handleEvent(event);
  }
}

/** The two classes, over the timers of one script. */
export function abortClasses(setTimeout: StartTimer) {
  const { AbortSignal, make, abort } = signalClass(setTimeout);

  class AbortController {
    readonly #signal = make();

    get signal(): object {
      return this.#signal;
    }

    abort(reason?: unknown): void {
      abort(this.#signal, reason);
    }
  }

  return { AbortController, AbortSignal };
}

/** The class of signals, and what only a controller can do: to make one, and to abort it. */
function signalClass(setTimeout: StartTimer) {
  const key = {};
  let abort!: (signal: AbortSignal, reason: unknown) => void;

  class AbortSignal {
    onabort: unknown = null;
    #reason: { readonly value: unknown } | undefined;
    #listeners: readonly Listening[] = [];

    static {
      abort = (signal, reason) => signal.#abort(reason);
    }

    static abort(reason?: unknown): AbortSignal {
      const signal = new AbortSignal(key);
      signal.#abort(reason);
      return signal;
    }

    static timeout(milliseconds: number): AbortSignal {
      const signal = new AbortSignal(key);
      setTimeout(
        () => signal.#abort(usageError("TimeoutError", "The operation timed out")),
        milliseconds,
      );
      return signal;
    }

    static any(signals: ArrayLike<AbortSignal>): AbortSignal {
      const all = copyOf(signals) as AbortSignal[];
      const signal = new AbortSignal(key);
      for (const one of all) if (one.#reason) signal.#abort(one.#reason.value);
      for (const one of all) {
        const follow = () => signal.#abort(one.#reason?.value);
        one.#listeners = withListener(one.#listeners, follow, { once: true });
      }
      return signal;
    }

    constructor(given?: unknown) {
      if (given !== key) throw usageError("TypeError", "Write new AbortController().signal");
    }

    get aborted(): boolean {
      return this.#reason !== undefined;
    }

    get reason(): unknown {
      return this.#reason?.value;
    }

    throwIfAborted(): void {
      if (this.#reason) throw this.#reason.value;
    }

    addEventListener(type: unknown, listener: Listener | null, options?: unknown): void {
      if (type !== "abort" || !listener) return;
      this.#listeners = withListener(this.#listeners, listener, options);
    }

    removeEventListener(type: unknown, listener: Listener | null): void {
      if (type !== "abort") return;
      this.#listeners = this.#listeners.filter((known) => known.listener !== listener);
    }

    #abort(reason: unknown): void {
      if (this.#reason) return;
      this.#reason = { value: reason ?? usageError("AbortError", "The operation was aborted") };
      const listeners = this.#listeners;
      this.#listeners = listeners.filter(({ once }) => !once);
      tell(this, listeners);
    }
  }

  return { AbortSignal, make: () => new AbortSignal(key), abort };
}
