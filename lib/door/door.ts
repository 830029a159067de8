/**
 * A door to the broker for one program on this machine: a Kubernetes API on the loopback. The program has
 * no credential and no address of a cluster; each of its requests is decided like a script's call.
 *
 * The path is the key: clients send no credentials over plain HTTP.
 */
import { randomBytes } from "node:crypto";
import type {
  ContextEntry,
  Origin,
  ProgramBrokers,
  SeenReleases,
  Tunnel,
} from "../broker/types.ts";
import { planAndRun, type RunMode } from "../approval/planned_run.ts";
import { ApiError, KubecodeError, PolicyError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Plan } from "../policy/plan.ts";
import type { ProgramName } from "../programs/types.ts";
import { documentResponse, resourceResponse } from "./answers.ts";
import { documentAsked, requestAsked, sessionAsked } from "./asked.ts";
import { readBody, understood } from "./bodies.ts";
import { byteField, withPlainTokens } from "./byte_fields.ts";
import { type ServerParts, startServer } from "./server.ts";
import { enter } from "./entrance.ts";
import { contextsFor, kubeconfigFor, serverOf } from "./kubeconfig.ts";
import { failure, whyUnreached } from "./status.ts";
import { createUpgrader } from "./upgrades.ts";
import { createWaiting } from "./waiting.ts";

/** An open door. */
export interface Door {
  /** The kubeconfig for the program; it names this door and nothing else. */
  readonly kubeconfig: string;
  /** The server of the context that the program means where it names none. */
  readonly server: string;
  /** What the program prints, as its asker may see it. */
  hide(text: string): Promise<string>;
  /** Resolves with the reason once the program, which is tried out, waits for what a trial does not bring. */
  readonly ended: Promise<string>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** What a door is made of. */
export interface DoorParts {
  readonly brokers: ProgramBrokers;
  readonly origin: Origin;
  /** The context that is meant where the program names none. */
  readonly context?: string;
  /** The namespace that is meant where the program names none. */
  readonly namespace?: string;
  /** The program, where it is known: helm reads its own releases. */
  readonly program?: ProgramName;
  /**
   * Shows the plan of one change to a person and asks, where the policy wants that; undefined where
   * nobody can be asked. Left out, such changes are refused.
   */
  readonly ask?: (plan: Plan) => Promise<boolean | undefined>;
  /** Asked before each request; throws where there are too many. */
  readonly admit?: (isRead: boolean) => void;
  /** Told why the cluster could not be asked. */
  readonly onUnreached?: (why: string) => void;
  readonly port?: number;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}

/** Requests that one program may have under way, watches included. */
const REQUESTS_LIMIT = 512;

/**
 * Opens a door.
 *
 * @throws {ConfigError} no cluster is configured
 */
export async function openDoor(parts: DoorParts): Promise<Door> {
  const { brokers, origin, program, signal } = parts;
  const releases: SeenReleases | undefined = program === "helm"
    ? { hidden: new Map(), revealed: false }
    : undefined;
  const contexts = await contextsFor(parts);
  const key = randomBytes(16).toString("hex");
  const closed = new AbortController();
  const ended = AbortSignal.any([signal, closed.signal]);
  const waiting = createWaiting(origin.plan);
  const handler = createHandler({
    ...parts,
    releases,
    key,
    contexts,
    signal: ended,
    asks: waiting.asks,
  });
  const server = await startServer({ port: parts.port ?? 0, ...handler });
  const address = `http://127.0.0.1:${server.port}/${key}`;
  return {
    kubeconfig: kubeconfigFor(address, contexts, parts.namespace),
    server: serverOf(address, 0),
    ended: waiting.ended,
    async hide(text) {
      // What else a program prints has gone through the door, and through redaction, before.
      const isSeen = releases !== undefined && !releases.revealed && releases.hidden.size > 0;
      const shown = isSeen ? await brokers.hide(text, releases.hidden) : text;
      return shown.replaceAll(address, "https://kubecode").replaceAll(key, "…");
    },
    async close() {
      waiting.close();
      closed.abort();
      await server.close();
    },
  };
}

interface HandlerParts extends DoorParts {
  readonly releases: SeenReleases | undefined;
  readonly key: string;
  readonly contexts: readonly ContextEntry[];
  readonly asks: (what: string, stays: boolean) => void;
}

function createHandler(parts: HandlerParts): Pick<ServerParts, "answer" | "upgrade"> {
  let underWay = 0;
  /** To the end of its answer, which for a watch may be far away. */
  async function* counted<Part>(answer: AsyncGenerator<Part>): AsyncGenerator<Part> {
    if (underWay >= REQUESTS_LIMIT) throw tooMany();
    underWay += 1;
    try {
      yield* answer;
    } finally {
      underWay -= 1;
    }
  }
  return {
    async answer(request, left) {
      const leaving = new AbortController();
      const signal = AbortSignal.any([left, leaving.signal, parts.signal]);
      const leave = () => leaving.abort();
      try {
        return await answerRequest(request, { ...parts, signal, leave, counted });
      } catch (error) {
        if (!(error instanceof KubecodeError)) {
          parts.logger?.error("a request at the door failed", { error: String(error) });
        }
        const why = signal.aborted ? undefined : whyUnreached(error);
        if (why !== undefined) parts.onUnreached?.(why);
        return failure(error);
      }
    },
    upgrade: createUpgrader(async (request, protocols, left) => {
      const signal = AbortSignal.any([left, parts.signal]);
      const tunnel = await openSession(request, protocols, { ...parts, signal });
      return { ...tunnel, messages: counted(tunnel.messages) };
    }),
  };
}

/** Opens a session with a pod, which a person may have to agree to. */
async function openSession(
  request: Request,
  protocols: readonly string[],
  parts: HandlerParts,
): Promise<Tunnel> {
  const { brokers, origin, admit, ask, asks, signal } = parts;
  const { context, question } = enter(request, parts);
  const call = { ...sessionAsked(question), context, protocols };
  asks(`${question.method} ${question.path}?${question.query}`, true);
  admit?.(false);
  const open = (mode: RunMode) => brokers.as({ ...origin, ...mode }).tunnel(call, signal);
  return ask === undefined ? await open({}) : await askedAndMade(open, ask);
}

/** What one request is answered with. */
interface RequestParts extends HandlerParts {
  /** Ends what is under way for it. */
  readonly leave: () => void;
  readonly counted: <Part>(answer: AsyncGenerator<Part>) => AsyncGenerator<Part>;
}

async function answerRequest(request: Request, parts: RequestParts): Promise<Response> {
  const { brokers, origin, admit, ask, asks, signal, leave, counted } = parts;
  const { context, question } = enter(request, parts);
  const warnings: string[] = [];
  const asker: Origin = {
    ...origin,
    onWarning: (text) => warnings.push(text),
    ...(parts.releases && isOfStorage(request.headers) ? { releases: parts.releases } : {}),
  };
  const broker = brokers.as(asker);
  const document = documentAsked(question);
  asks(`${question.method} ${question.path}?${question.query}`, question.query.has("watch"));
  if (document !== undefined) {
    const answer = counted(broker.call({ ...document, context }, undefined, signal));
    return await documentResponse(request.headers.get("if-none-match"), answer);
  }
  const call = { ...requestAsked(question), context };
  admit?.(broker.isRead(call));
  const given = request.method === "GET" ? new Uint8Array(0) : await readBody(request);
  const sent = understood(given, call.verb === "patch", request.headers);
  const body = byteField(call) === undefined ? sent : withPlainTokens(sent);
  const make = (mode: RunMode) =>
    resourceResponse(
      call,
      counted(brokers.as({ ...asker, ...mode }).call(call, body, signal)),
      leave,
    );
  const response = ask === undefined || broker.isRead(call)
    ? await make({})
    : await askedAndMade(make, ask);
  for (const text of warnings) response.headers.append("warning", warningOf(text));
  return response;
}

/**
 * Whether helm asks for its own storage, by a typed client, and not for a `lookup` in a template, which
 * could write what it finds in any form.
 */
function isOfStorage(headers: Headers): boolean {
  return /protobuf|\*\/\*/.test(headers.get("accept") ?? "");
}

/** What came of a run: what acts at once cannot be tried out, and is asked about all the same. */
type Outcome<Made> = { readonly made: Made } | { readonly error: unknown };

/** Makes one change that a person may have to agree to. */
async function askedAndMade<Made>(
  make: (mode: RunMode) => Promise<Made>,
  ask: NonNullable<DoorParts["ask"]>,
): Promise<Made> {
  const outcome = await planAndRun<Outcome<Made>>({
    dryRun: false,
    asks: "policy",
    run: (mode) => make(mode).then((made) => ({ made }), (error) => ({ error })),
    isFailure: (tried) => "error" in tried,
    withNote: (tried) => tried,
    async ask(plan) {
      const answer = await ask(plan);
      if (answer === true) return true;
      throw new PolicyError(
        answer === false
          ? "Nothing was changed: a person has declined"
          : "Nothing was changed: a person would have to approve it, and nobody can be asked",
      );
    },
  });
  if ("error" in outcome) throw outcome.error;
  return outcome.made;
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc7234#section-5.5} */
function warningOf(text: string): string {
  return `299 - "${text.replaceAll(/[^\x20-\x7e]/g, "?").replaceAll(/["\\]/g, "\\$&")}"`;
}

function tooMany(): ApiError {
  return new ApiError(`More than ${REQUESTS_LIMIT} requests are under way at this door`, {
    status: 429,
    reason: "TooManyRequests",
    retryAfterSeconds: 1,
  });
}
