/** Commands in containers, before servers that speak the protocol well and badly. */
import assert from "node:assert/strict";
import { ApiError, InputError } from "../../lib/errors.ts";
import {
  type ExecRequest,
  OUTPUT_LIMIT_BYTES,
  runCommand,
} from "../../lib/kube/calls/exec_session.ts";
import { createTransport } from "../../lib/kube/transport/transport.ts";
import type { ApiResource, ClusterAccess, Transport } from "../../lib/kube/types.ts";
import { accessAt } from "../support/access.ts";
import { createAuthority } from "../support/certificates.ts";
import { LOGGER } from "../support/clusters.ts";
import { startProxy } from "../support/proxy.ts";
import {
  jsonAnswer,
  type RawAnswer,
  type RawRequest,
  startRawServer,
} from "../support/raw_server.ts";
import { createTestClock } from "../support/clock.ts";
import { CLOSE, concat, frame, message, status, upgrade } from "../support/websocket_answer.ts";

const PODS: ApiResource = {
  group: "",
  version: "v1",
  resource: "pods",
  kind: "Pod",
  singular: "pod",
  shortNames: ["po"],
  namespaced: true,
  verbs: ["get", "list"],
  subresources: [{ name: "exec", kind: "PodExecOptions", verbs: ["create", "get"] }],
};
const LS: ExecRequest = { resource: PODS, namespace: "shop", name: "web-0", command: ["ls"] };
const DONE = status({ metadata: {}, status: "Success" });
const WHERE = { server: "https://c1", context: "c1" };
const NEVER = new AbortController().signal;

type Answer = (request: RawRequest) => RawAnswer | Promise<RawAnswer>;

function transportTo(access: ClusterAccess): Transport {
  return createTransport(access, {
    userAgent: "kubecode/0.0.0",
    logger: LOGGER,
    env: () => undefined,
    responseTimeoutMs: 60_000,
  });
}

async function run(access: ClusterAccess, request: Partial<ExecRequest> = {}, signal = NEVER) {
  const transport = transportTo(access);
  const where = { server: access.server, context: access.context };
  try {
    return await runCommand({ transport, where }, { ...LS, ...request }, signal);
  } finally {
    transport.close();
  }
}

/** Runs a command against a server that answers its handshake so. */
async function against(answer: Answer, request: Partial<ExecRequest> = {}) {
  await using server = startRawServer(answer);
  const result = await run(accessAt(`http://127.0.0.1:${server.port}`), request);
  await server.untilOpen(0);
  return result;
}

const answering = (...frames: Uint8Array[]): Answer => (request) => upgrade(request, frames);

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof ApiError, `an ApiError, not ${error}`);
  return error;
}

Deno.test("runCommand() asks for the session as the API has it, and gives what was written", async () => {
  await using server = startRawServer(
    answering(message(1, "a b\n"), message(2, "oh\n"), DONE, CLOSE),
  );
  const access = accessAt(`http://127.0.0.1:${server.port}/clusters/c1`, {
    credentials: { bearer: { kind: "token", token: "secret" } },
    impersonate: { user: "jane", groups: ["a", "b"], extra: {} },
  });
  const result = await run(access, { command: ["sh", "-c", "ls /a b; é"], container: "main" });
  assert.deepEqual(result, { stdout: "a b\n", stderr: "oh\n", exitCode: 0 });
  const [request] = server.requests;
  assert.equal(request?.method, "GET");
  assert.equal(
    request?.path,
    "/clusters/c1/api/v1/namespaces/shop/pods/web-0/exec?container=main&stdout=true&stderr=true" +
      "&command=sh&command=-c&command=ls+%2Fa+b%3B+%C3%A9",
  );
  const header = (wanted: string) =>
    request?.headers.filter(([name]) => name === wanted).map(([, value]) => value);
  assert.deepEqual(header("sec-websocket-protocol"), ["v5.channel.k8s.io, v4.channel.k8s.io"]);
  assert.deepEqual(header("authorization"), ["Bearer secret"]);
  assert.deepEqual(header("impersonate-user"), ["jane"]);
  assert.deepEqual(header("impersonate-group"), ["a", "b"]);
  assert.deepEqual(header("user-agent"), ["kubecode/0.0.0"]);
});

Deno.test("runCommand() gives a code other than 0 as a result, a command not started as an error", async () => {
  const failed = {
    status: "Failure",
    reason: "NonZeroExitCode",
    message: "command terminated with non-zero exit code",
    details: { causes: [{ reason: "ExitCode", message: "3" }] },
  };
  assert.equal((await against(answering(status(failed), CLOSE))).exitCode, 3);
  const unknown = 'exec: "nope": executable file not found in $PATH: unknown';
  const error = await failure(
    against(answering(status({ status: "Failure", reason: "InternalError", message: unknown }))),
  );
  assert.equal(error.message, `Cannot run "ls" in pod "web-0": ${unknown}`);
  assert.equal(error.reason, "InternalError");
  assert.match(error.hint ?? "", /may not have this program/);
});

Deno.test("runCommand() puts together what comes in fragments, characters cut in two, and a split status", async () => {
  const text = new TextEncoder().encode("zażółć 🦊\n");
  const done = new TextEncoder().encode('{"status":"Success"}');
  const frames = [
    // One message in three frames, with a ping in between.
    frame(2, concat(new Uint8Array([1]), text.subarray(0, 3)), false),
    frame(9, new Uint8Array(0)),
    frame(0, text.subarray(3, 4), false),
    frame(0, text.subarray(4, 12)),
    message(2, ""),
    message(1, text.subarray(12)),
    message(77, "of no channel"),
    message(3, done.subarray(0, 7)),
    message(3, done.subarray(7)),
    CLOSE,
  ];
  for (const parts of [[concat(...frames)], frames]) {
    const result = await against(answering(...parts));
    assert.deepEqual(result, { stdout: "zażółć 🦊\n", stderr: "", exitCode: 0 });
  }
});

Deno.test("runCommand() does not wait for a server that never closes", async () => {
  const result = await against(answering(DONE, message(1, "late\n")));
  assert.deepEqual(result, { stdout: "late\n", stderr: "", exitCode: 0 });
});

Deno.test("runCommand() keeps 1 MiB each of stdout and stderr, and whole characters", async () => {
  const half = "é".repeat(OUTPUT_LIMIT_BYTES / 4);
  const result = await against(
    answering(message(1, "x"), message(1, half), message(1, half), message(2, "e"), DONE, CLOSE),
  );
  // One byte of the last character is beyond the limit: none of it is shown.
  assert.equal(result.stdout, "x" + "é".repeat(OUTPUT_LIMIT_BYTES / 2 - 1));
  assert.deepEqual({ ...result, stdout: "" }, {
    stdout: "",
    stderr: "e",
    exitCode: 0,
    truncated: true,
  });
  const exact = await against(answering(message(2, "x".repeat(OUTPUT_LIMIT_BYTES)), DONE, CLOSE));
  assert.equal(exact.stderr.length, OUTPUT_LIMIT_BYTES);
  assert.equal(exact.truncated, undefined);
});

Deno.test("runCommand() stops reading a command that writes without end", async () => {
  const chunk = message(1, new Uint8Array(1024 * 1024).fill(120));
  await using server = startRawServer(answering(concat(...Array(80).fill(chunk))));
  const result = await run(accessAt(`http://127.0.0.1:${server.port}`), { timeoutMs: 60_000 });
  assert.equal(result.stdout.length, OUTPUT_LIMIT_BYTES);
  const { exitCode, truncated, ended } = result;
  assert.deepEqual({ exitCode, truncated, ended }, {
    exitCode: null,
    truncated: true,
    ended: "output",
  });
  await server.untilOpen(0);
});

Deno.test("runCommand() refuses a message larger than any that is sent", async () => {
  const error = await failure(against(answering(message(1, new Uint8Array(5 * 1024 * 1024)))));
  assert.equal(error.reason, "Unknown");
  assert.match(error.message, /session broke off before its end/);
});

Deno.test("runCommand() gives what a command wrote until its time was over", async () => {
  const clock = createTestClock();
  await using server = startRawServer(answering(message(1, "tick\n")));
  const transport = transportTo(accessAt(`http://127.0.0.1:${server.port}`));
  const openSocket: Transport["openSocket"] = async (...args) => {
    const opened = await transport.openSocket(...args);
    if (opened instanceof Response) return opened;
    const messages = opened.messages.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(message, controller) {
          controller.enqueue(message);
          setTimeout(() => clock.advance(3_000), 20);
        },
      }),
    );
    return { ...opened, messages };
  };
  const result = await runCommand(
    { transport: { ...transport, openSocket }, where: WHERE, clock },
    { ...LS, timeoutMs: 3_000 },
    NEVER,
  );
  transport.close();
  assert.deepEqual(result, { stdout: "tick\n", stderr: "", exitCode: null, ended: "timeout" });
});

Deno.test("runCommand() says so when not even the session begins in time", async () => {
  const error = await failure(against(() => "silence", { timeoutMs: 300 }));
  assert.equal(error.reason, "Timeout");
  assert.match(error.message, /"web-0": no answer within 300 ms/);
});

Deno.test("runCommand() ends with its signal, at once and in any state", async () => {
  for (const answer of [answering(message(1, "a")), () => "silence" as const]) {
    await using server = startRawServer(answer);
    const abort = new AbortController();
    const running = run(accessAt(`http://127.0.0.1:${server.port}`), {}, abort.signal);
    await server.untilOpen(1);
    const reason = new Error("enough");
    abort.abort(reason);
    await assert.rejects(running, reason);
    await server.untilOpen(0);
  }
});

Deno.test("runCommand() does not know the outcome of a session that ends without a status", async () => {
  for (const frames of [[CLOSE], [message(1, "half"), CLOSE], [message(3, '{"stat'), CLOSE]]) {
    const error = await failure(against(answering(...frames)));
    assert.equal(error.reason, "Unknown");
    assert.match(error.message, /^Cannot tell what came of "ls" in pod "web-0"/);
    assert.match(error.hint ?? "", /may have run/);
  }
});

Deno.test("runCommand() tells the words of a refused handshake", async () => {
  const refusal = (code: number, reason: string, message: string) =>
    jsonAnswer({ kind: "Status", status: "Failure", code, reason, message }, `${code} ${reason}`);
  for (
    const [code, reason, words] of [
      [404, "NotFound", 'pods "web-0" not found'],
      [403, "Forbidden", 'pods "web-0" is forbidden: User "x" cannot create resource "pods/exec"'],
      [400, "BadRequest", "container x is not valid for pod web-0"],
      [500, "InternalError", "Internal error occurred: error dialing backend: EOF"],
    ] as const
  ) {
    const error = await failure(against(() => refusal(code, reason, words)));
    assert.deepEqual([error.status, error.reason, error.message], [code, reason, words]);
  }
  const page = await failure(against(() => jsonAnswer("<h1>Login</h1>")));
  assert.match(page.message, /answered 200: .*Login/);
  const login = await failure(
    against(() => jsonAnswer({}, "302 Found", "Location: http://evil.example/\r\n")),
  );
  assert.equal(login.status, 302);
});

Deno.test("runCommand() says what is wrong with a server that speaks no WebSocket", async () => {
  const none = await failure(against((request) => upgrade(request, [DONE], "")));
  assert.match(
    none.message,
    /does not speak WebSocket as it should \(Server sent no subprotocol\)/,
  );
  const closed = await failure(against(() => "close"));
  assert.equal(closed.reason, "Unknown");
  assert.match(closed.message, /^Cannot tell whether GET ".*exec" was done/);
  const wrong = await failure(
    against((request) => upgrade({ ...request, headers: [] }, [DONE])),
  );
  assert.match(wrong.message, /does not speak WebSocket/);
});

Deno.test("runCommand() renews refused credentials, once", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "old");
  await using server = startRawServer(async ({ headers, ...rest }) => {
    const token = headers.find(([name]) => name === "authorization")?.[1];
    if (token === "Bearer new") return upgrade({ headers, ...rest }, [DONE, CLOSE]);
    await Deno.writeTextFile(path, "new");
    return jsonAnswer({ kind: "Status", code: 401 }, "401 Unauthorized");
  });
  const result = await run(accessAt(`http://127.0.0.1:${server.port}`, {
    credentials: { bearer: { kind: "file", path } },
  }));
  assert.equal(result.exitCode, 0);
  assert.equal(server.requests.length, 2);
  await Deno.remove(path);
});

Deno.test("runCommand() trusts the cluster's authority and no other", async () => {
  const ca = await createAuthority();
  await using server = startRawServer(answering(DONE, CLOSE), await ca.server());
  const url = `https://127.0.0.1:${server.port}`;
  const own = { tls: { ca: ca.cert, insecureSkipVerify: false } };
  assert.equal((await run(accessAt(url, own))).exitCode, 0);
  const other = { tls: { ca: (await createAuthority()).cert, insecureSkipVerify: false } };
  const error = await failure(run(accessAt(url, other)));
  assert.equal(error.reason, "Tls");
  assert.equal(server.requests.length, 1);
});

Deno.test("runCommand() goes through a tunnel of the proxy, to plain servers too", async () => {
  await using server = startRawServer(answering(DONE, CLOSE));
  await using proxy = startProxy();
  const url = `http://127.0.0.1:${server.port}`;
  for (const scheme of ["http", "socks5"]) {
    const proxyUrl = `${scheme}://127.0.0.1:${proxy.port}`;
    assert.equal((await run(accessAt(url, { proxyUrl }))).exitCode, 0);
  }
  const ca = await createAuthority();
  await using secure = startRawServer(answering(DONE, CLOSE), await ca.server());
  const tls = { ca: ca.cert, insecureSkipVerify: false };
  const proxyUrl = `http://127.0.0.1:${proxy.port}`;
  const access = accessAt(`https://127.0.0.1:${secure.port}`, { proxyUrl, tls });
  assert.equal((await run(access)).exitCode, 0);
  assert.deepEqual(
    proxy.targets,
    [server.port, server.port, secure.port].map((port) => `127.0.0.1:${port}`),
  );
});

Deno.test("runCommand() sends a standard input to its end, over v5 alone", async () => {
  const input = new TextEncoder().encode("é".repeat(50_000));
  for (const stdin of [input, new Uint8Array(0)]) {
    const asked: (string | null)[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      asked.push(request.headers.get("sec-websocket-protocol"), new URL(request.url).search);
      const { socket, response } = Deno.upgradeWebSocket(request, {
        protocol: "v5.channel.k8s.io",
      });
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => {
        const bytes = new Uint8Array(data as ArrayBuffer);
        if (bytes[0] === 0) return socket.send(concat(new Uint8Array([1]), bytes.subarray(1)));
        assert.deepEqual([...bytes], [255, 0]);
        socket.send(concat(new Uint8Array([3]), new TextEncoder().encode('{"status":"Success"}')));
        socket.close(1000);
      };
      return response;
    });
    const result = await run(accessAt(`http://127.0.0.1:${server.addr.port}`), {
      stdin,
      tty: true,
    });
    assert.deepEqual(result, {
      stdout: new TextDecoder().decode(stdin),
      stderr: "",
      exitCode: 0,
    });
    assert.deepEqual(asked, ["v5.channel.k8s.io", "?stdin=true&stdout=true&tty=true&command=ls"]);
    await server.shutdown();
  }
});

Deno.test("runCommand() sends nothing for a name or command that cannot be", async () => {
  await using server = startRawServer(answering(DONE, CLOSE));
  const access = accessAt(`http://127.0.0.1:${server.port}`);
  for (const name of ["", "..", "a/b", "../x", "a%2fb"]) {
    await assert.rejects(run(access, { name }), InputError);
    if (name !== "") await assert.rejects(run(access, { namespace: name }), InputError);
  }
  for (const command of [[], [""]]) await assert.rejects(run(access, { command }), InputError);
  assert.equal(server.connections, 0);
});
