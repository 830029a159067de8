/**
 * Sessions with pods for a program that speaks their protocol itself (`kubectl exec`, `attach`,
 * `port-forward`, `cp`): what is asked for, in words for the policy, and which protocols may be spoken.
 * Only what is understood here goes on to the API server.
 */
import { InputError } from "../../errors.ts";
import type { MessageSocket } from "../../kube/types.ts";

/** A session that a program asks for. */
export interface TunnelCall {
  readonly context?: string;
  readonly subresource: "exec" | "attach" | "portforward";
  readonly namespace: string;
  /** Name of the pod. */
  readonly name: string;
  /** As the program has it. */
  readonly query: URLSearchParams;
  /** Subprotocols of its WebSocket, the preferred one first. */
  readonly protocols: readonly string[];
}

/** An open session. */
export interface Tunnel {
  /** The subprotocol that is spoken. */
  readonly protocol: string;
  /** What the pod sends, as the program may see it, a message a part; to be read to its end. */
  readonly messages: AsyncGenerator<Uint8Array>;
  /** Resolves once the message is on its way. */
  send(message: Uint8Array): Promise<void>;
  /** Keeps the connection from being idle. */
  ping(): void;
  /** Ends the session. */
  close(): void;
}

/**
 * The session over an open socket.
 *
 * @param shown passes on what the pod sends, as the program may see it
 * @returns `ended` settles with the session
 */
export function createTunnel(
  socket: MessageSocket,
  shown: (messages: MessageSocket["messages"]) => AsyncIterable<Uint8Array>,
): { readonly tunnel: Tunnel; readonly ended: Promise<void> } {
  const ended = Promise.withResolvers<void>();
  const close = () => {
    socket.close();
    ended.resolve();
  };
  async function* messages() {
    try {
      yield* shown(socket.messages);
    } catch (error) {
      ended.reject(error);
      throw error;
    } finally {
      close();
    }
  }
  const { protocol } = socket;
  return {
    tunnel: { protocol, messages: messages(), send: socket.send, ping: socket.ping, close },
    ended: ended.promise,
  };
}

/** What a session is about. */
export interface SessionWords {
  readonly container?: string;
  readonly command?: readonly string[];
  readonly tty?: true;
  readonly stdin?: string;
  readonly ports?: readonly string[];
}

/** What a call asks for, as it is understood. */
export interface AskedSession {
  readonly words: SessionWords;
  /** The same for the API server. */
  readonly query: URLSearchParams;
  readonly protocols: readonly string[];
}

const CHANNELS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

const KNOWN = {
  exec: {
    parameters: ["command", "container", "stdin", "stdout", "stderr", "tty"],
    protocols: CHANNELS,
  },
  attach: { parameters: ["container", "stdin", "stdout", "stderr", "tty"], protocols: CHANNELS },
  portforward: {
    parameters: ["ports"],
    protocols: ["SPDY/3.1+portforward.k8s.io", "v4.channel.k8s.io"],
  },
} as const;

/** May stand more than once in a query. */
const REPEATED: readonly string[] = ["command", "ports"];

/** What a person reads who is asked about a session that reads from the program. */
const OPEN_INPUT = "whatever the program sends";

/**
 * Reads a call.
 *
 * @throws {InputError} a parameter that is not known, or protocols of which none is offered
 */
export function readTunnel({ subresource, query, protocols, name }: TunnelCall): AskedSession {
  const known = KNOWN[subresource];
  const what = `Cannot open ${subresource} of pod "${name.slice(0, 200)}"`;
  for (const [parameter] of query) {
    const isOnce = REPEATED.includes(parameter) || query.getAll(parameter).length === 1;
    const isKnown = (known.parameters as readonly string[]).includes(parameter);
    if (!isKnown || !isOnce) {
      const why = isKnown ? "it is given more than once" : "there is no such parameter";
      throw new InputError(`${what} with "${parameter.slice(0, 200)}": ${why}`);
    }
  }
  const offered = protocols.filter((one) => (known.protocols as readonly string[]).includes(one));
  if (offered.length === 0) {
    throw new InputError(`${what}: the program speaks none of ${known.protocols.join(", ")}`, {
      hint: "kubectl 1.31 and newer do.",
    });
  }
  const isOn = (parameter: string) => isTrue(query.get(parameter));
  const words: SessionWords = subresource === "portforward" ? { ports: query.getAll("ports") } : {
    ...(query.get("container") ? { container: query.get("container") as string } : {}),
    ...(subresource === "exec" ? { command: query.getAll("command") } : {}),
    ...(isOn("tty") ? { tty: true } : {}),
    ...(isOn("stdin") ? { stdin: OPEN_INPUT } : {}),
  };
  if (words.command?.length === 0) throw new InputError(`${what}: no command given`);
  const streams = ["stdin", "stdout", "stderr", "tty"].filter(isOn);
  return { words, query: queryOf(words, streams), protocols: offered };
}

/** A command as a shell would read it. */
export function commandText(words: readonly string[]): string {
  return words.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  ).join(" ");
}

/** The same session in a container. */
export function inContainer(asked: AskedSession, container: string | undefined): AskedSession {
  if (container === undefined || container === asked.words.container) return asked;
  const query = new URLSearchParams(asked.query);
  query.set("container", container);
  return { ...asked, words: { ...asked.words, container }, query };
}

function queryOf(
  { container, command = [], ports = [] }: SessionWords,
  streams: readonly string[],
) {
  const query = new URLSearchParams();
  if (container !== undefined) query.set("container", container);
  for (const stream of streams) query.set(stream, "true");
  for (const word of command) query.append("command", word);
  for (const port of ports) query.append("ports", port);
  return query;
}

/** As an API server reads it. */
function isTrue(value: string | null): boolean {
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}
