/**
 * `getLogs`: the log of one container as text or lines, or those of several pods or containers, read
 * side by side. Searching is done here, in the sandbox: an expression that takes for ever holds up its
 * own script alone.
 */
import { readReadOptions, withoutContext } from "../input/arguments.ts";
import type { Call, CallSpec } from "../calls/types.ts";
import {
  jsonDecoder,
  type List,
  listDecoder,
  logDecoder,
  membersOf,
  type RawLog,
} from "../calls/decoders.ts";
import { shown, usageError } from "../base/errors.ts";
import {
  containersOf,
  containersText,
  defaultContainer,
  newestPod,
  type PodLike,
  podSelectorOf,
  readPodReference,
} from "../../../names/pods.ts";
import type { Waited } from "../calls/multi_call.ts";
import { refuseUnknown } from "../input/known_options.ts";
import { linesOf, type Matcher, readGrep, readSince } from "./log_lines.ts";
import { takeOptions } from "../input/options.ts";
import type { VerbTools } from "./sdk_types.ts";

/** Containers whose logs are read at once, a request each; one more is for the list of pods. */
const SOURCES = 50;

/** Lines of each where several are read and neither `tail` nor `since` says how many. */
const LINES = 500;

/** Bytes of each where several are read. */
const BYTES = 1024 * 1024;

const OPTIONS = ["grep", "lines", "since", "tail", "allContainers", "follow"];

interface Asked {
  readonly query: Readonly<Record<string, string | number | boolean>>;
  readonly grep?: Matcher;
  readonly lines: boolean;
  readonly allContainers: boolean;
}

type Pod = PodLike & {
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/** A container whose log is read. */
interface Source {
  readonly from: Pod;
  readonly namespace?: string;
  readonly pod: string;
  readonly container: string;
  /** The pod has others too. */
  readonly several: boolean;
}

/** `getLogs(name, options)`, and `getLogs({labelSelector, …})` for several pods. */
export function logsVerb(tools: VerbTools) {
  const { parts, spec, home, nameOf } = tools;
  return (...args: unknown[]) => {
    const [first, second] = withoutContext(args, parts.ctx, 1);
    const many = typeof first === "object" && first !== null;
    const options = many ? first : second;
    const name = many ? undefined : first;
    const { taken } = takeOptions(options, OPTIONS);
    if (many || taken.allContainers === true) {
      return parts.caller.flow(function* (start) {
        const asked = readAsked(tools, options, many ? "logs" : "log");
        return yield* readMany(tools, many ? undefined : nameOf(name, "getLogs"), asked, start);
      });
    }
    return parts.caller.invoke(() => {
      const { query, grep, lines } = readAsked(tools, options, "log");
      return {
        ...spec({
          verb: "get",
          subresource: "log",
          namespace: home(),
          name: nameOf(name, "getLogs"),
          options: query,
        }, logDecoder()),
        awaited: (raw) => {
          const text = parts.logs.text(raw as RawLog);
          if (!grep && !lines) return text;
          const kept = linesOf(text, grep);
          return lines ? kept : kept.map((line) => `${line}\n`).join("");
        },
        methods: { doRaw: (raw) => (raw as RawLog).bytes },
      };
    });
  };
}

function readAsked({ scope }: VerbTools, options: unknown, what: "log" | "logs"): Asked {
  const { taken, rest } = takeOptions(options, OPTIONS);
  if (taken.follow === true) {
    throw usageError(
      "InputError",
      "Cannot follow a log: it has no end",
      'Read again with {since: "30s"}, or wait by waitFor and read then.',
    );
  }
  const { query } = readReadOptions(
    taken.since === undefined ? rest : { ...rest as object, ...readSince(taken.since) },
  );
  refuseUnknown({ query, method: "getLogs of", resource: scope.resource }, what);
  if (taken.tail !== undefined) query.tailLines = taken.tail as number;
  return {
    query,
    grep: readGrep(taken.grep),
    lines: taken.lines === true,
    allContainers: taken.allContainers === true,
  };
}

/** The pod of that name, or the newest of `deployment/cart`. */
function* podMeant(
  { spec, home }: VerbTools,
  name: string,
): Generator<Waited, Pod, unknown> {
  const namespace = home();
  const reference = readPodReference(name);
  if (reference === undefined) {
    return (yield { call: spec({ verb: "get", namespace, name }, jsonDecoder()) }) as Pod;
  }
  const header = { op: "request", verb: "get", namespace, ...reference };
  const owner = yield { call: { header, decoder: jsonDecoder() } };
  if ((owner as { kind?: unknown }).kind === "Pod") return owner as Pod;
  const labelSelector = podSelectorOf(owner);
  const list = spec({ verb: "list", namespace, options: { labelSelector } }, listDecoder());
  const pods = labelSelector === undefined ? [] : membersOf((yield { call: list }) as List);
  const pod = newestPod(pods as Pod[], "log");
  if (pod !== undefined) return pod;
  throw usageError("InputError", `Cannot use ${shown(name)} as a pod: it has no pods`);
}

/** `[{pod, lines}]`: a pod whose log cannot be read has `error` instead. */
function* readMany(
  tools: VerbTools,
  name: string | undefined,
  asked: Asked,
  start: (spec: CallSpec) => Call,
): Generator<Waited, unknown[], unknown> {
  const { spec } = tools;
  const { labelSelector, fieldSelector, ...given } = asked.query;
  let pods: Pod[];
  if (name === undefined) {
    const options = {
      limit: SOURCES + 1,
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
    const list = spec({ verb: "list", namespace: tools.reach(), options }, listDecoder());
    pods = membersOf((yield { call: list }) as List) as Pod[];
  } else {
    pods = [yield* podMeant(tools, name)];
  }
  const sources = sourcesOf(pods, asked, tools.reach() === undefined && name === undefined);
  const { tailLines, sinceSeconds, sinceTime, limitBytes = BYTES } = given;
  const unbounded = (tailLines ?? sinceSeconds ?? sinceTime) === undefined;
  const query = { ...given, limitBytes, ...(unbounded ? { tailLines: LINES } : {}) };

  const started = sources.map((source) => {
    const { name, namespace } = source.from.metadata;
    const options = { ...query, container: source.container };
    const call = start(
      spec({ verb: "get", subresource: "log", namespace, name, options }, logDecoder()),
    );
    call.observed = true;
    return { source, call };
  });
  return yield* readEach(started, asked, unbounded, +limitBytes);
}

/** What became of each log, as it comes. @throws the first failure, where none could be read */
function* readEach(
  started: readonly { readonly source: Source; readonly call: Call }[],
  { grep }: Asked,
  unbounded: boolean,
  limitBytes: number,
): Generator<Waited, unknown[], unknown> {
  const entries: unknown[] = [];
  let read = 0;
  let failed: unknown;
  for (const { source: { namespace, pod, container, several }, call } of started) {
    const entry: Record<string, unknown> = {
      ...(namespace === undefined ? {} : { namespace }),
      pod,
      ...(several ? { container } : {}),
    };
    try {
      const log = (yield { started: call }) as RawLog;
      call.value = undefined;
      read += 1;
      const all = unbounded ? linesOf(log.text, undefined).length : 0;
      const lines = linesOf(log.text, grep);
      if (grep && lines.length === 0) continue;
      entry.lines = lines;
      if (all >= LINES || log.bytes.length >= limitBytes) entry.truncated = true;
    } catch (error) {
      failed ??= error;
      entry.error = (error as { message?: unknown }).message;
    }
    entries.push(entry);
  }
  if (read === 0 && failed !== undefined) throw failed;
  return entries;
}

/** The containers to read. */
function sourcesOf(
  pods: readonly Pod[],
  { query, allContainers }: Asked,
  withNamespace: boolean,
): Source[] {
  const sources = pods.flatMap((from): Source[] => {
    const { name: pod, namespace } = from.metadata;
    const all = containersOf(from);
    const wanted = query.container ?? defaultContainer(from);
    return all.filter((container) => allContainers || container === wanted)
      .map((container) => ({
        from,
        ...(withNamespace ? { namespace } : {}),
        pod,
        container,
        several: all.length > 1,
      }));
  });
  if (pods.length > SOURCES || sources.length > SOURCES) {
    throw usageError(
      "LimitError",
      `Cannot read so many logs at once: more than ${SOURCES} containers are selected`,
      "Narrow labelSelector or fieldSelector, or leave allContainers out.",
    );
  }
  if (pods.length > 0 && sources.length === 0) {
    throw usageError(
      "InputError",
      `Cannot read logs: no selected pod has a container "${query.container}"`,
      pods[0] && containersText(pods[0]),
    );
  }
  return sources;
}
