/** What takes time: `watch`, `waitFor`, `rolloutStatus` and the like. */
import {
  type ReadOptions,
  readOptions,
  readReadOptions,
  withoutContext,
} from "../input/arguments.ts";
import type { CallSpec } from "../calls/types.ts";
import { type Observed, readCondition, stateOf } from "./conditions.ts";
import { jsonDecoder, nullDecoder } from "../calls/decoders.ts";
import { drainVerb } from "./drain.ts";
import { isWorkload } from "./kubectl_verbs.ts";
import { usageError } from "../base/errors.ts";
import type { Steps } from "../calls/multi_call.ts";
import type { VerbTools } from "./sdk_types.ts";
import { type Owner, undoSteps } from "./rollback.ts";
import { isObserved, rolloutOf, type Workload } from "./rollout.ts";
import { type Stream, type StreamEvent, watchIterator } from "../calls/streams.ts";

/** How long is waited where nothing else is said; kubectl's own default. */
const WAIT_MS = 30_000;

/** Left of a script's time when a wait ends by it, to tell what was seen: a fifth, at most so long. */
const RESERVE_MS = 2_000;

/** What a look at an object says; undefined stands for one that does not exist. */
type Look = (object: Observed | undefined) => {
  /** Whether the wait is over, with this value. */
  readonly met: boolean;
  readonly value: unknown;
  /** How things stand; "" for the object's own state. */
  readonly state: string;
};

/**
 * `watch` and `waitFor` where the resource can be watched; `rolloutStatus` on workloads, `rolloutUndo` on
 * deployments, `drain` on nodes.
 */
export function waitingVerbs(tools: VerbTools): Record<string, unknown> {
  const { parts, scope, nameOf } = tools;
  const { resource } = scope;
  const { caller } = parts;
  if (!resource.verbs.includes("watch")) return {};

  const verbs: Record<string, unknown> = {
    watch: (...args: unknown[]) => {
      const [options] = withoutContext(args, parts.ctx);
      const { query, timeoutMs } = readTimeout(options, parts.deadline);
      const { query: rest, ...shape } = readReadOptions(query);
      if (shape.form === "table") throw noTable(resource.resource);
      const stream = caller.stream(watchSpec(tools, rest, timeoutMs, tools.reach(), shape));
      if (caller.synchronous) stream.untilOpen();
      return watchIterator(stream, caller.synchronous);
    },
    waitFor: (...args: unknown[]) =>
      caller.flow(function* () {
        const [given, asked, options] = withoutContext(args, parts.ctx, 1);
        const name = nameOf(given, "waitFor");
        const { words, absent, met } = readCondition(asked);
        const { timeoutMs } = readTimeout(options, parts.deadline, WAIT_MS);
        return yield* untilSeen(tools, name, timeoutMs, words, (object) => {
          if (object === undefined) return { met: absent === "met", value: null, state: "" };
          const value = absent === "met" ? null : object;
          return { met: met(object), value, state: stateOf(object) };
        }, absent === "fails");
      }),
  };
  if (isWorkload(tools)) {
    verbs.rolloutStatus = (...args: unknown[]) =>
      caller.flow(function* () {
        const [given, options] = withoutContext(args, parts.ctx, 1);
        const name = nameOf(given, "rolloutStatus");
        if (parts.trial) parts.warn(`rolloutStatus tells of "${name}" as it is: nothing rolls out`);
        const { query, timeoutMs } = readTimeout(options, parts.deadline, WAIT_MS);
        return yield* untilSeen(tools, name, timeoutMs, "the end of its rollout", (object) => {
          const { done, text } = rolloutOf(resource.resource, object as Workload);
          return { met: done || query.watch === false, value: text, state: text };
        }, true);
      });
  }
  if (scope.group === "apps" && resource.resource === "deployments") {
    verbs.rolloutUndo = (...args: unknown[]) =>
      caller.flow(function* () {
        const [given, options] = withoutContext(args, parts.ctx, 1);
        const name = nameOf(given, "rolloutUndo");
        const asked = typeof options === "number" ? { toRevision: options } : options;
        const { query, timeoutMs } = readTimeout(asked, parts.deadline, WAIT_MS);
        const words = "its controller to see the last change";
        const deployment = yield* untilSeen(tools, name, timeoutMs, words, (object) => {
          return { met: isObserved(object as Workload), value: object, state: "" };
        }, true);
        return yield* undoSteps(tools, name, deployment as Owner, query);
      });
  }
  if (scope.group === "" && resource.resource === "nodes") {
    verbs.drain = drainVerb(
      tools,
      (options) => readTimeout(options, parts.deadline, WAIT_MS).timeoutMs,
    );
  }
  return verbs;
}

function noTable(resource: string): Error {
  return usageError(
    "InputError",
    `Cannot watch ${resource} as a table: each event holds one object`,
    'Watch with {form: "metadata"} or none; list({form: "table"}) gives a table of what is there.',
  );
}

/** get, and then watch: what `look` gives of the object as soon as it gives something. */
function* untilSeen(
  tools: VerbTools,
  name: string,
  timeoutMs: number,
  words: string,
  look: Look,
  mustExist: boolean,
): Steps {
  const { resource } = tools.scope;
  const { where } = tools.parts;
  const end = Date.now() + timeoutMs;
  const namespace = tools.home();
  let stream: Stream | undefined;
  let object: Observed | undefined;
  try {
    object = (yield {
      call: tools.spec({ verb: "get", namespace, name }, jsonDecoder()),
    }) as Observed;
  } catch (error) {
    if (mustExist || (error as { code?: unknown }).code !== 404) throw error;
  }
  try {
    for (;;) {
      const seen = look(object);
      if (seen.met) return seen.value;
      if (tools.parts.trial) {
        // What a trial has not changed does not come about.
        tools.parts.warn(
          `${resource.resource} "${name}": would wait for ${words}; now: ${
            seen.state || stateOf(object)
          }`,
        );
        return seen.value;
      }
      if (stream === undefined) {
        const { resourceVersion } = (object?.metadata ?? {}) as { resourceVersion?: string };
        const query = {
          fieldSelector: `metadata.name=${name}`,
          ...(resourceVersion ? { resourceVersion } : {}),
        };
        const left = Math.max(0, end - Date.now());
        stream = tools.parts.caller.stream(watchSpec(tools, query, left, namespace));
      }
      const event = (yield { event: stream }) as StreamEvent | undefined;
      if (event === undefined) {
        throw usageError(
          "TimeoutError",
          `Cannot wait for ${resource.resource} "${name}"${where} any longer: ${words} not seen within ${timeoutMs} ms`,
          `Last seen: ${seen.state || stateOf(object)}.`,
        );
      }
      const isGone = event.type === "DELETED";
      if (isGone && mustExist) {
        throw usageError(
          "NotFoundError",
          `Cannot wait for ${resource.resource} "${name}"${where}: it was deleted`,
          `Before that: ${seen.state}.`,
        );
      }
      object = isGone ? undefined : event.object as Observed;
    }
  } finally {
    stream?.cancel();
  }
}

function watchSpec(
  { scope, spec }: VerbTools,
  options: Readonly<Record<string, string | number | boolean>>,
  timeoutMs: number,
  namespace: string | undefined,
  shape: Omit<ReadOptions, "query"> = {},
): CallSpec {
  return spec({
    verb: "watch",
    namespace: scope.resource.namespaced ? namespace : undefined,
    options,
    timeoutMs,
    ...shape,
  }, nullDecoder());
}

/**
 * Takes the timeout out of the options: `timeoutMs` or `timeoutSeconds`. A wait ends before its script
 * does, which can then tell what was seen.
 */
export function readTimeout(options: unknown, deadline: number, fallbackMs = Infinity) {
  const { query } = readOptions(options);
  const { timeoutMs, timeoutSeconds, ...rest } = query;
  const left = deadline - Date.now();
  const most = left / 5 > RESERVE_MS ? left - RESERVE_MS : left * 4 / 5;
  const asked = timeoutMs !== undefined
    ? +timeoutMs
    : timeoutSeconds !== undefined
    ? +timeoutSeconds * 1_000
    : fallbackMs;
  if (!(asked >= 0)) {
    throw usageError(
      "InputError",
      "Cannot use the timeout: it is no number",
      "Write {timeoutMs: 10000} or {timeoutSeconds: 10}.",
    );
  }
  const bounded = asked < most ? asked : most;
  return { query: rest, timeoutMs: bounded > 0 ? ~~bounded : 0 };
}
