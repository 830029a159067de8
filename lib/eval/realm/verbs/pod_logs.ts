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
import { usageError } from "../base/errors.ts";
import type { Steps } from "../calls/multi_call.ts";
import { refuseUnknown } from "../input/known_options.ts";
import { linesOf, type Matcher, readGrep, readSince } from "./log_lines.ts";
import { takeOptions } from "../input/options.ts";
import { append, bare } from "../base/primordials.ts";
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

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, readonly { readonly name: string }[] | undefined>>;
}

interface Source {
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
          return lines ? kept : textOf(kept);
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

function textOf(lines: readonly string[]): string {
  let text = "";
  for (let at = 0; at < lines.length; at++) text += `${lines[at]}\n`;
  return text;
}

/** `[{pod, lines}]`: a pod whose log cannot be read has `error` instead. */
function* readMany(
  tools: VerbTools,
  name: string | undefined,
  asked: Asked,
  start: (spec: CallSpec) => Call,
): Steps {
  const { spec, scope } = tools;
  const { labelSelector, fieldSelector, ...given } = asked.query;
  let pods: unknown[];
  if (name === undefined) {
    const selectors = bare({ limit: SOURCES + 1 }) as Record<string, string | number | boolean>;
    if (labelSelector !== undefined) selectors.labelSelector = labelSelector;
    if (fieldSelector !== undefined) selectors.fieldSelector = fieldSelector;
    const list = spec(
      { verb: "list", namespace: scope.namespace, options: selectors },
      listDecoder(),
    );
    pods = membersOf((yield { call: list }) as List);
  } else {
    pods = [yield { call: spec({ verb: "get", namespace: tools.home(), name }, jsonDecoder()) }];
  }
  const sources = sourcesOf(pods as Pod[], asked, !scope.namespace && name === undefined);
  const { tailLines, sinceSeconds, sinceTime, limitBytes = BYTES } = given;
  const unbounded = (tailLines ?? sinceSeconds ?? sinceTime) === undefined;
  const query = { ...given, limitBytes, ...(unbounded ? { tailLines: LINES } : {}) };

  const calls: Call[] = [];
  for (let at = 0; at < sources.length; at++) {
    const { pod, container } = sources[at]!;
    const { namespace } = (pods[sources[at]!.at] as Pod).metadata;
    const options = bare({ ...query, container });
    const call = start(
      spec({ verb: "get", subresource: "log", namespace, name: pod, options }, logDecoder()),
    );
    call.observed = true;
    append(calls, call);
  }
  const entries: unknown[] = [];
  let read = 0;
  let failed: unknown;
  for (let at = 0; at < calls.length; at++) {
    const { several, at: _, ...source } = sources[at]!;
    const entry: Record<string, unknown> = { ...source };
    if (!several) delete entry.container;
    try {
      const log = (yield { started: calls[at]! }) as RawLog;
      calls[at]!.value = undefined;
      read += 1;
      const all = unbounded ? linesOf(log.text, undefined).length : 0;
      const lines = linesOf(log.text, asked.grep);
      if (asked.grep && lines.length === 0) continue;
      entry.lines = lines;
      if (all >= LINES || log.bytes.length >= +limitBytes) entry.truncated = true;
    } catch (error) {
      failed ??= error;
      entry.error = (error as { message?: unknown }).message;
    }
    append(entries, entry);
  }
  if (read === 0 && failed !== undefined) throw failed;
  return entries;
}

/** The containers to read; `at` is the number of the pod. */
function sourcesOf(
  pods: readonly Pod[],
  { query, allContainers }: Asked,
  withNamespace: boolean,
): (Source & { readonly at: number })[] {
  const sources: (Source & { readonly at: number })[] = [];
  for (let at = 0; at < pods.length; at++) {
    const { metadata: { name, namespace, annotations }, spec } = pods[at]!;
    const all: string[] = [];
    const groups = [spec?.containers, spec?.initContainers, spec?.ephemeralContainers];
    for (let group = 0; group < groups.length; group++) {
      const containers = groups[group] ?? [];
      for (let each = 0; each < containers.length; each++) append(all, containers[each]!.name);
    }
    const fallback = annotations?.["kubectl.kubernetes.io/default-container"] ?? all[0];
    for (let each = 0; each < all.length; each++) {
      const container = all[each]!;
      if (!allContainers && container !== (query.container ?? fallback)) continue;
      append(sources, {
        at,
        ...(withNamespace ? { namespace } : {}),
        pod: name,
        container,
        several: all.length > 1,
      });
    }
  }
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
    );
  }
  return sources;
}
