import assert from "node:assert/strict";
import { createStaticTokens } from "../../lib/identity/tokens/static_tokens.ts";
import { makeToken, readTokenLines } from "../../lib/identity/tokens/token_file.ts";
import { newToken } from "../../lib/identity/tokens/new_token.ts";

Deno.test("a token is known by its line, and another is not", async () => {
  const { token, line } = makeToken("alice", { groups: ["dev", "ops"] });
  const other = makeToken("bob");
  assert.doesNotMatch(line, new RegExp(token));
  const tokens = createStaticTokens(() => readTokenLines(`# ours\n\n${line}\r\n`, "f"));
  assert.deepEqual(await tokens.authenticate(token), {
    caller: { id: "token:alice", user: "alice", groups: ["dev", "ops"], how: "token" },
  });
  for (const wrong of [other.token, `${token}x`, token.slice(0, -1), "", line.split(" ")[1]!]) {
    assert.equal(await tokens.authenticate(wrong), undefined);
  }
});

Deno.test("a token has an end", async () => {
  const old = makeToken("alice", { expires: new Date(Date.now() - 1) });
  const tokens = createStaticTokens(() => readTokenLines(old.line, "f"));
  assert.deepEqual(await tokens.authenticate(old.token), { invalid: "the token has expired" });
  const [day] = readTokenLines(`a sha256:${"0".repeat(64)} expires=2027-01-31`, "f");
  assert.equal(day?.expiresAt, Date.parse("2027-01-31T23:59:59Z"));
});

Deno.test("a word that can be guessed is no token, whatever the file says", async () => {
  const hash = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"; // password
  const tokens = createStaticTokens(() => readTokenLines(`alice sha256:${hash}`, "f"));
  assert.equal(await tokens.authenticate("password"), undefined);
});

Deno.test("a line that cannot be read is named, and nothing of it is shown", () => {
  const hash = `sha256:${"a".repeat(64)}`;
  for (
    const [line, why] of [
      ["al/ice " + hash, /line 2: it must begin with a name/],
      ["alice kubecode_secret", /line 2: after the name there must be sha256:/],
      ["alice", /line 2: after the name/],
      [`alice ${hash} group=a`, /line 2: after the hash there may be/],
      [`alice ${hash} expires=tomorrow`, /line 2: after the hash/],
      [
        `alice ${hash}\nbob ${hash.replace(/a+$/, "A".repeat(64))}`,
        /line 3: it has the token of line 2/,
      ],
    ] as const
  ) {
    assert.throws(() => readTokenLines(`\n${line}`, "tokens"), (error: Error) => {
      assert.match(error.message, why);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  }
});

Deno.test("newToken() adds a line to a tokens file, and to nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/tokens`;
    const [token = ""] = await newToken({ name: "alice", groups: ["dev"], file });
    const [second = ""] = await newToken({ name: "alice", groups: [], lifeMs: 1000, file });
    const text = await Deno.readTextFile(file);
    const tokens = createStaticTokens(() => readTokenLines(text, file));
    for (const one of [token, second]) assert.ok("caller" in (await tokens.authenticate(one))!);
    assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
    await Deno.writeTextFile(`${folder}/config.yaml`, "policy: {}\n");
    await assert.rejects(
      newToken({ name: "alice", groups: [], file: `${folder}/config.yaml` }),
      /Cannot use the tokens file/,
    );
    await assert.rejects(newToken({ name: "a b", groups: [] }), /Cannot make a token/);
    await assert.rejects(newToken({ name: "a", groups: ["x expires=1"] }), /Cannot make a token/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
