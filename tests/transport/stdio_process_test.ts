/** A server in a process of its own, over real pipes. */
import assert from "node:assert/strict";
import { serverTestFile } from "../server/paths.ts";

type Server = {
  readonly child: Deno.ChildProcess;
  readonly stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly send: (message: object) => Promise<void>;
  /** Resolves when the server's log says so. */
  readonly logged: (text: string) => Promise<void>;
};

/** Starts a server, lets it be used, and waits for its end. */
async function withServer(use: (server: Server) => Promise<void>): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", serverTestFile("serve_fake.ts")],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  const log = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const logged = async (wanted: string) => {
    while (!text.includes(wanted)) {
      const { value, done } = await log.read();
      assert.ok(!done, `the log ends without "${wanted}": ${text}`);
      text += value;
    }
  };
  try {
    await use({
      child,
      stdin,
      send: (message) => stdin.write(new TextEncoder().encode(JSON.stringify(message) + "\n")),
      logged,
    });
    return (await child.status).code;
  } catch (error) {
    child.kill("SIGKILL");
    await child.status;
    throw error;
  } finally {
    await log.cancel();
    await child.stdout.cancel().catch(() => {});
    await stdin.close().catch(() => {});
  }
}

const call = (id: number, script: string) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "evaluate_script", arguments: { script } },
});

Deno.test("a server ends when its standard input is closed, and aborts the script", async () => {
  const code = await withServer(async ({ send, stdin, logged }) => {
    await send(call(1, "wait"));
    await logged("started wait");
    await stdin.close();
    await logged("aborted wait");
    await logged("served");
  });
  assert.equal(code, 0);
});

Deno.test("a server ends when nobody reads its standard output", async () => {
  const code = await withServer(async ({ child, send, logged }) => {
    await send(call(1, "wait"));
    await logged("started wait");
    await child.stdout.cancel();
    await send(call(2, "answer"));
    await logged("aborted wait");
    await logged("served");
  });
  assert.equal(code, 0);
});

Deno.test("a server whose answers are not read ends with its input all the same", async () => {
  const code = await withServer(async ({ send, stdin, logged }) => {
    await send(call(1, "wait"));
    await send(call(2, "large 1000000"));
    await logged("started large");
    await stdin.close();
    await logged("aborted wait");
    await logged("served");
  });
  assert.equal(code, 0);
});

Deno.test("a server goes on after a line of 50 MB, without holding it", async () => {
  const code = await withServer(async ({ child, send, stdin }) => {
    const output = child.stdout.pipeThrough(new TextDecoderStream());
    const part = new TextEncoder().encode("x".repeat(1_000_000));
    const writing = (async () => {
      await stdin.write(new TextEncoder().encode('{"jsonrpc":"2.0","id":1,"method":"'));
      for (let i = 0; i < 50; i++) await stdin.write(part);
      await stdin.write(new TextEncoder().encode('"}\n'));
      await send(call(2, "next"));
    })();
    let text = "";
    for await (const chunk of output) {
      text += chunk;
      if (text.includes("next 30000")) break;
    }
    await writing;
    assert.match(text, /"id":1,"error":\{"code":-32600,"message":"Cannot read a message of 5/);
    await stdin.close();
  });
  assert.equal(code, 0);
});
