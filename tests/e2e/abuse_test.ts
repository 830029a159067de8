/** Hostile scripts, sent as an attacker would; after each a clean one must work on the same server. */
import assert from "node:assert/strict";
import { ABUSE_CASES } from "./abuse_cases.ts";
import { descendants, slow, startServer, until, VARIANTS } from "./program.ts";
import { needs } from "../support/needs.ts";

for (const variant of VARIANTS) {
  const on = (fact: string) => needs(slow(variant), `abuse, ${variant.name}: ${fact}`);
  Deno.test(on("each case ends as it must, and the server lives on"), async (t) => {
    await using server = await startServer(variant, ["--demo"]);
    for (const { name, script, ok, error, timeout = 5000 } of ABUSE_CASES) {
      await t.step(name, async () => {
        // What is to end by itself may take its time on a slow machine.
        const endsByTimeout = /timeout/.test(`${error?.source}`);
        const { text, isError } = await server.script(script, endsByTimeout ? timeout : 120_000);
        const wanted = isError ? error : ok;
        assert.ok(wanted, `${isError ? "failed" : "succeeded"}: ${text.slice(0, 400)}`);
        assert.match(text.length > 4000 ? text.slice(0, 2000) + text.slice(-2000) : text, wanted);
        const home = Deno.env.get("HOME");
        if (home && home !== "/") assert.ok(!text.includes(home), "a path of this machine got out");
        const clean = await server.script("[1, 2].map(x => x + 1)");
        assert.deepEqual(clean, { text: "[2,3]", isError: false });
      });
    }
    await t.step("no child is left but the warm one", async () => {
      if (Deno.build.os !== "linux") return console.log("skipped: it reads /proc");
      await until(() => descendants(server.pid).length <= 1);
    });
  });
}
