/**
 * `pods/exec` of the demo cluster, over WebSockets: its containers run nothing, but answer a few
 * commands as if they did.
 *
 * @see {@link https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets}
 */
import type { KubeObject } from "../../kube/types.ts";
import type { Call } from "../base/cluster.ts";
import { listAt, textAt } from "../../std/json/at.ts";
import { stateOf } from "../controllers/kubelet.ts";
import { containerOf } from "../containers/containers.ts";
import { type Machine, NotFound, run } from "../containers/shell.ts";
import { badRequest } from "../base/status.ts";
import { onAbort, sleep } from "../../std/async.ts";

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;

const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** Bytes that may wait to be sent before a command that writes is held. */
const BUFFERED_BYTES = 256 * 1024;
const PATIENCE_MS = 5;

/** What a timer can count. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** Bytes of a standard input that are kept. */
const INPUT_BYTES = 4 * 1024 * 1024;

/**
 * Serves the session that a request for exec asks for.
 *
 * @throws {StatusError} 400 for a container or protocol that is not there
 */
export function serveExec(request: Request, call: Call, pod: KubeObject): Response {
  const { query, cluster } = call;
  const container = containerOf(pod, query.get("container"));
  const command = query.getAll("command");
  if (command.length === 0) {
    throw badRequest("you must specify at least 1 command for the container");
  }
  const asked = (request.headers.get("sec-websocket-protocol") ?? "").split(/, */);
  const protocol = PROTOCOLS.find((each) => asked.includes(each));
  if (!protocol) throw badRequest("unable to upgrade: no subprotocol that is known was asked for");

  const { socket, response } = Deno.upgradeWebSocket(request, { protocol });
  socket.binaryType = "arraybuffer";
  const closed = new AbortController();
  const input = query.get("stdin") === "true" ? readInput(socket, closed.signal) : undefined;
  const machine: Machine = {
    hostname: call.name ?? "",
    program: container.image.replace(/^.*\//, "").replace(/[:@].*$/, ""),
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOSTNAME: call.name ?? "",
      KUBERNETES_SERVICE_HOST: "10.96.0.1",
      KUBERNETES_SERVICE_PORT: "443",
      ...Object.fromEntries(
        listAt(container.spec, "env").flatMap((one) => {
          const value = textAt(one, "value");
          return value ? [[textAt(one, "name"), value]] : [];
        }),
      ),
    },
    now: () => cluster.now(),
    input: () => input ?? Promise.resolve(""),
    sleep: (milliseconds) =>
      sleep(Math.min(milliseconds, LONGEST_SLEEP_MS), closed.signal).catch(() => {}),
  };
  const end = () => closed.abort();
  socket.onclose = end;
  socket.onerror = end;
  cluster.signal.addEventListener("abort", () => socket.close(), { signal: closed.signal });
  socket.onopen = async () => {
    const send = (channel: number, text: string) => {
      const bytes = new TextEncoder().encode(text);
      const message = new Uint8Array(bytes.length + 1);
      message[0] = channel;
      message.set(bytes, 1);
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    };
    const status = stateOf(pod) === "running" && !container.isDone
      ? await execute(command, machine, socket, query.get("tty") === "true", send)
      : failed(`unable to upgrade connection: container not found ("${container.name}")`);
    send(CHANNEL.status, JSON.stringify(status));
    if (socket.readyState === WebSocket.OPEN) socket.close(1000);
  };
  return response;
}

async function execute(
  command: readonly string[],
  machine: Machine,
  socket: WebSocket,
  tty: boolean,
  send: (channel: number, text: string) => void,
) {
  try {
    const running = run(command, machine);
    for (;;) {
      const { done, value } = await running.next();
      if (done) return value === 0 ? SUCCESS : exited(value);
      if (socket.readyState !== WebSocket.OPEN) return SUCCESS;
      send(value.fd === 2 && !tty ? CHANNEL.stderr : CHANNEL.stdout, value.text);
      while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > BUFFERED_BYTES) {
        await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
      }
    }
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    return failed(
      "error executing command in container: failed to exec in container: failed to start exec: " +
        `exec: "${error.message}": executable file not found in $PATH: unknown`,
    );
  }
}

const SUCCESS = { metadata: {}, status: "Success" };

const exited = (code: number) => ({
  metadata: {},
  status: "Failure",
  message: `command terminated with non-zero exit code: error executing command, exit code ${code}`,
  reason: "NonZeroExitCode",
  details: { causes: [{ reason: "ExitCode", message: `${code}` }] },
});

const failed = (message: string) => ({
  metadata: {},
  status: "Failure",
  message: `Internal error occurred: ${message}`,
  reason: "InternalError",
  details: { causes: [{ message }] },
  code: 500,
});

/** What comes on the channel of the standard input, to its end or that of the session. */
function readInput(socket: WebSocket, closed: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const decoder = new TextDecoder();
    let text = "";
    const done = () => resolve(text + decoder.decode());
    onAbort(closed, done);
    socket.onmessage = ({ data }) => {
      if (!(data instanceof ArrayBuffer)) return;
      const message = new Uint8Array(data);
      if (message[0] === CHANNEL.close && message[1] === CHANNEL.stdin) return done();
      if (message[0] !== CHANNEL.stdin || text.length > INPUT_BYTES) return;
      text += decoder.decode(message.subarray(1), { stream: true });
    };
  });
}
