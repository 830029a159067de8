/** What is refused when the server starts. */
import assert from "node:assert/strict";
import { run, VARIANTS } from "../e2e/program.ts";
import { readSeal } from "../../lib/http/state_key.ts";
import { startHttp } from "./served.ts";

const [SOURCE] = VARIANTS;
if (SOURCE === undefined) throw new Error("no program to test");

const start = (args: readonly string[], env: Record<string, string> = {}) =>
  run(SOURCE, ["--demo", "--transport=streamable-http", "--port=0", ...args], { env });

Deno.test("nobody is let in from other machines without a word about it", async () => {
  for (const host of ["0.0.0.0", "::", "192.0.2.1"]) {
    const { code, stderr } = await start(["--host", host]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /everybody who reaches it would be let in[^]*--insecure-no-auth/, host);
  }
  await using served = await startHttp(SOURCE, ["--host", "0.0.0.0", "--insecure-no-auth"]);
  const response = await fetch(`http://127.0.0.1:${served.url.port}/mcp`);
  await response.body?.cancel();
  assert.equal(response.status, 405);
});

Deno.test("settings that do not fit together, and keys that are no keys, are named", async () => {
  for (
    const [args, env, message] of [
      [["--tls-cert=/nowhere"], {}, /--tls-cert and --tls-key go together/],
      [
        ["--tls-cert=/nowhere", "--tls-key=/nowhere"],
        {},
        /Cannot read the TLS certificate "\/nowhere": no such file$/m,
      ],
      [["--socket=/tmp/s", "--tls-cert=c", "--tls-key=k"], {}, /on a Unix socket/],
      [[], { KUBECODE_STATE_KEY: "short" }, /Cannot use KUBECODE_STATE_KEY[^]*openssl rand/],
      [
        ["--state-key-file=/nowhere"],
        {},
        /Cannot read the state key file "\/nowhere": no such file$/m,
      ],
      [["--socket=/nowhere/s"], {}, /Cannot listen on "\/nowhere\/s": there is no such folder$/m],
      [
        ["--host=192.0.2.1", "--insecure-no-auth"],
        {},
        /Cannot listen on 192\.0\.2\.1:0: this machine has no such address$/m,
      ],
      [
        ["--host=nowhere.invalid", "--insecure-no-auth"],
        {},
        /Cannot listen on nowhere\.invalid:0: there is no host of that name$/m,
      ],
    ] as const
  ) {
    const { code, stderr } = await start(args, env);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /short"/);
  }
});

Deno.test("readSeal() takes one key or two from a file, however they are set apart", async () => {
  const [old, renewed] = ["o".repeat(44), "n".repeat(44)];
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, `${renewed}\n${old}\n`);
    const both = await readSeal({ file });
    const one = await readSeal({ text: ` ${old} ` });
    const bytes = new Uint8Array([1, 2, 3]);
    assert.deepEqual(both!.open(one!.seal(bytes, "x"), "x"), bytes);
    assert.equal(one!.open(both!.seal(bytes, "x"), "x"), undefined);
    assert.equal(await readSeal({}), undefined);
    assert.equal(await readSeal({ text: "" }), undefined);
    await assert.rejects(readSeal({ text: `${old},${old},${old}` }), /one key or two/);
    await Deno.writeTextFile(file, "");
    await assert.rejects(readSeal({ file }), /one key or two/);
  } finally {
    await Deno.remove(file);
  }
});
