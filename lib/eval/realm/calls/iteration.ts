/**
 * Iterations over what comes in pieces: for `for` and `for await`, with the methods of an iterator
 * (`filter`, `map`, `toArray`, …) in both ways of writing. The methods that give an iteration are
 * stages, through which each value passes as it comes; those that end it make calls, as any verb does.
 */
import { shown, usageError } from "../base/errors.ts";
import type { Caller } from "./caller.ts";
import type { Steps, Waited } from "./multi_call.ts";
import type { Call, CallSpec } from "./types.ts";

/** Takes a value; false when it wants no more. */
type Emit = (value: unknown) => boolean;

/** Passes on what comes of a value; false when it wants no more. */
type Stage = (value: unknown, emit: Emit) => boolean;

/** Makes a stage anew for each time that the iteration is run: it may count. */
export type MakeStage = () => Stage;

/** The pieces, in the three ways in which they can be waited for. */
export interface Pieces {
  blocking(): Generator<unknown, void, unknown>;
  awaited(): AsyncGenerator<unknown, void, unknown>;
  /** In the steps of a flow, each piece handed to `take` until that wants no more. */
  steps(
    start: (spec: CallSpec) => Call,
    take: Emit,
  ): Generator<Waited, void, unknown>;
}

/** An iteration over pieces; in an asynchronous script for `for await` and, blocking, for `for`. */
export function iterationOf(
  caller: Caller,
  pieces: Pieces,
  stages: readonly MakeStage[] = [],
): object {
  const blocking = () => blockingRun(pieces, stages);
  const iteration = caller.synchronous ? blocking() : awaitedRun(pieces, stages);
  if (!caller.synchronous) hide(iteration, Symbol.iterator, blocking);
  for (const [name, make] of Object.entries(STAGES)) {
    hide(
      iteration,
      name,
      (given: unknown) => iterationOf(caller, pieces, [...stages, make(name, given)]),
    );
  }
  for (const [name, make] of Object.entries(ENDS)) {
    hide(iteration, name, (...given: unknown[]) => {
      const end = make(name, given);
      return caller.flow((start) => endSteps(pieces, stages, end(), start));
    });
  }
  Object.defineProperty(iteration, "length", {
    configurable: true,
    get() {
      throw usageError(
        "InputError",
        "An iteration has no length: its objects are still to come",
        caller.synchronous ? "Write toArray().length." : "Write (await ….toArray()).length.",
      );
    },
  });
  return iteration;
}

/** Passes a value through stages to what takes it. */
function chain(stages: readonly MakeStage[], take: Emit): Emit {
  return stages.reduceRight<Emit>((next, make) => {
    const stage = make();
    return (value) => stage(value, next);
  }, take);
}

function* blockingRun({ blocking }: Pieces, stages: readonly MakeStage[]): Generator<unknown> {
  const out: unknown[] = [];
  const pass = chain(stages, (value) => out.push(value) > 0);
  for (const piece of blocking()) {
    const goesOn = pass(piece);
    yield* out.splice(0);
    if (!goesOn) return;
  }
}

async function* awaitedRun(
  { awaited }: Pieces,
  stages: readonly MakeStage[],
): AsyncGenerator<unknown> {
  const out: unknown[] = [];
  const pass = chain(stages, (value) => out.push(value) > 0);
  for await (const piece of awaited()) {
    const goesOn = pass(piece);
    yield* out.splice(0);
    if (!goesOn) return;
  }
}

function* endSteps(
  { steps }: Pieces,
  stages: readonly MakeStage[],
  { take, value }: End,
  start: (spec: CallSpec) => Call,
): Steps {
  yield* steps(start, chain(stages, take));
  return value();
}

type Callback = (...args: unknown[]) => unknown;

const STAGES: Readonly<Record<string, (name: string, given: unknown) => MakeStage>> = {
  map(name, given) {
    const call = functionOf(name, given);
    return counting((at) => (value, emit) => emit(call(value, at())));
  },
  filter(name, given) {
    const call = predicateOf(name, given);
    return counting((at) => (value, emit) => call(value, at()) ? emit(value) : true);
  },
  flatMap(name, given) {
    const call = functionOf(name, given);
    return counting((at) => (value, emit) => {
      for (const member of call(value, at()) as Iterable<unknown>) if (!emit(member)) return false;
      return true;
    });
  },
  take(name, given) {
    const most = countOf(name, given);
    return counting((at) => (value, emit) => {
      const taken = at();
      return taken < most && emit(value) && taken + 1 < most;
    });
  },
  drop(name, given) {
    const first = countOf(name, given);
    return counting((at) => (value, emit) => at() < first || emit(value));
  },
};

/** What an iteration ends with: takes values, then gives what came of them. */
interface End {
  readonly take: Emit;
  value(): unknown;
}

const ENDS: Readonly<Record<string, (name: string, given: readonly unknown[]) => () => End>> = {
  toArray: () => () => {
    const all: unknown[] = [];
    return { take: (value) => all.push(value) > 0, value: () => all };
  },
  forEach(name, [given]) {
    const call = functionOf(name, given);
    return ending(undefined, (at) => (value) => {
      call(value, at());
      return undefined;
    });
  },
  some: (name, [given]) => searching(name, given, false, (is) => is ? { found: true } : undefined),
  every: (name, [given]) => searching(name, given, true, (is) => is ? undefined : { found: false }),
  find: (name, [given]) =>
    searching(name, given, undefined, (is, value) => is ? { found: value } : undefined),
  reduce(name, given) {
    const call = functionOf(name, given[0]);
    return () => {
      let [begun, result] = [given.length > 1, given[1]];
      const next = numbers();
      const take: Emit = (value) => {
        const at = next();
        result = begun ? call(result, value, at) : value;
        begun = true;
        return true;
      };
      const value = () => {
        if (begun) return result;
        throw usageError("TypeError", "Reduce of an iteration without objects, and no first value");
      };
      return { take, value };
    };
  },
};

/** An end that may be found before the last value. */
function ending(
  otherwise: unknown,
  look: (at: () => number) => (value: unknown) => { readonly found: unknown } | undefined,
): () => End {
  return () => {
    let result = otherwise;
    const one = look(numbers());
    const take: Emit = (value) => {
      const end = one(value);
      if (end) result = end.found;
      return end === undefined;
    };
    return { take, value: () => result };
  };
}

function searching(
  name: string,
  given: unknown,
  otherwise: unknown,
  end: (is: boolean, value: unknown) => { readonly found: unknown } | undefined,
): () => End {
  const call = predicateOf(name, given);
  return ending(otherwise, (at) => (value) => end(call(value, at()), value));
}

function counting(make: (at: () => number) => Stage): MakeStage {
  return () => make(numbers());
}

/** 0, 1, 2, … */
function numbers(): () => number {
  let next = 0;
  return () => next++;
}

function functionOf(name: string, given: unknown): Callback {
  if (typeof given === "function") return given as Callback;
  throw usageError("TypeError", `${name} takes a function, not ${shown(given)}`);
}

/** A function whose answer is whether: one that promises it would always be taken for yes. */
function predicateOf(name: string, given: unknown): (value: unknown, at: number) => boolean {
  const call = functionOf(name, given);
  return (value, at) => {
    const answer = call(value, at);
    if (!(answer instanceof Promise)) return Boolean(answer);
    throw usageError(
      "TypeError",
      `${name} takes a function that answers at once: this one gives a promise`,
      "Await in a loop: for await (const object of …).",
    );
  };
}

function countOf(name: string, given: unknown): number {
  const count = typeof given === "number" ? given : NaN;
  if (count >= 0) return count;
  throw usageError("RangeError", `${name} takes a number of objects, not ${shown(given)}`);
}

function hide(object: object, name: string | symbol, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, configurable: true });
}
