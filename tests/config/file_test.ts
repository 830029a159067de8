import assert from "node:assert/strict";
import { defaultConfigPath } from "../../lib/config/config_path.ts";
import { parseConfig, readConfigFile } from "../../lib/config/file.ts";
import { type Place, settingsAt } from "../../lib/config/schema_paths.ts";
import { CONFIG_SCHEMA } from "../../lib/config/schema.ts";
import { ConfigError, describeError } from "../../lib/errors.ts";

const refused = (text: string) => {
  try {
    parseConfig(text, "c.yaml");
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return describeError(error);
  }
  throw new Error(`was taken: ${text.slice(0, 100)}`);
};

Deno.test("parseConfig() reads sections, and tells the line of each value", () => {
  const file = parseConfig(
    "policy:\n  profile: guarded\n  rules:\n    # one\n    - effect: deny\n      verbs: [delete]\n",
    "c.yaml",
  );
  assert.deepEqual(file.config, {
    policy: { profile: "guarded", rules: [{ effect: "deny", verbs: ["delete"] }] },
  });
  assert.equal(file.lineOf(["policy", "rules", 0]), 5);
  assert.equal(file.lineOf(["policy", "rules", 0, "verbs", 0]), 6);
});

Deno.test("parseConfig() takes names of contexts, as a list", () => {
  const contexts = ["staging", "prod-*"];
  assert.deepEqual(parseConfig("contexts: [staging, prod-*]", "c.yaml").config, { contexts });
  assert.match(refused("contexts: staging"), /line 1: contexts/);
  assert.match(refused("contexts:\n  - staging\n  - 5"), /line 3: contexts\[1\]/);
});

Deno.test("parseConfig() names file, line and field of what it cannot use", () => {
  const rule = (line: string) => `policy:\n  rules:\n    - effect: allow\n      ${line}\n`;
  for (
    const [text, line, reason] of [
      ["polcy: {}", 1, /polcy: there is no such setting/],
      ["policy:\n  profil: open", 2, /policy\.profil: there is no such setting/],
      ["policy:\n  mode: write", 2, /policy\.mode/],
      [rule("verb: [get]"), 4, /policy\.rules\[0\]\.verb: there is no such setting/],
      [rule("verbs: [get, use]"), 4, /policy\.rules\[0\]\.verbs\[1\]: must be "\*" or one of get/],
      [rule("verbs: []"), 4, /policy\.rules\[0\]\.verbs/],
      [rule("verbs: get"), 4, /policy\.rules\[0\]\.verbs/],
      [rule("names: [no]"), 4, /policy\.rules\[0\]\.names\[0\]/],
      ["policy:\n  rules:\n    - verbs: [get]", 3, /policy\.rules\[0\]\.effect/],
      ["policy:\n  profile: standard\n  profile: open", 3, /duplicate/i],
      ["policy: [", 1, /./],
    ] as const
  ) {
    const message = refused(text);
    assert.match(message, /"c\.yaml": line \d+/);
    assert.ok(message.includes(`line ${line}`), `${message}\n${text}`);
    assert.match(message, reason);
  }
});

Deno.test("parseConfig() says what an unknown setting was meant to be, or where it belongs", () => {
  for (
    const [text, hint] of [
      ["polcy: {}", "Did you mean policy?"],
      ["ratelimits: {}", "Did you mean rateLimits?"],
      ["policy:\n  profil: open", "Did you mean profile?"],
      ["policy: {rules: [{verb: [get]}]}", "Did you mean verbs?"],
      ["policy: {rules: [{efect: deny}]}", "Did you mean effect?"],
      ["rules: []", "It belongs under policy:."],
      ["policy: {rateLimits: {}}", "It belongs at the top of the file."],
      ["policy: {write: 5}", "It belongs under rateLimits:."],
      ["policy: {effect: deny}", "It belongs in an entry of policy.rules:."],
      [
        "policy: {contexts: []}",
        "It belongs at the top of the file, or in an entry of policy.rules:.",
      ],
      ["listen: {}", "There is audit, contexts, identity, policy, programs, rateLimits."],
      ["rateLimits: {minutely: 5}", "There is enabled, read, write, other."],
      ["__proto__: {}", "There is audit, contexts, identity, policy, programs, rateLimits."],
    ] as const
  ) {
    const [message, said] = refused(text).split("\n");
    assert.match(message ?? "", /: there is no such setting$/);
    assert.equal(said, hint, text);
  }
});

Deno.test("parseConfig() says in plain words what a value must be", () => {
  const rule = (line: string) => `policy: {rules: [{effect: deny, ${line}}]}`;
  for (
    const [text, words] of [
      [rule("namespaces: prod"), "namespaces: must be a list: write [prod]"],
      [rule('namespaces: "prod-*, *"'), 'namespaces: must be a list: write [prod-*, "*"]'],
      [rule('names: "no"'), 'names: must be a list: write ["no"]'],
      [rule("names: 5"), 'names: must be a list: write ["5"]'],
      [rule("names:"), "names: must be a list; it is empty"],
      [rule("names: []"), "names: must not be an empty list; leave it out, or name one"],
      [rule("names: [5]"), "names[0]: must be a text; put it in quotes"],
      [rule("names: [[a]]"), "names[0]: must be a text"],
      [rule(`names: [${"a".repeat(600)}]`), "names[0]: must have at most 512 characters"],
      [rule(`names: ${"a".repeat(600)}`), "names: must be a list"],
      [
        "policy: {rules: {effect: deny}}",
        'policy.rules: must be a list; begin each entry with "- "',
      ],
      ["policy: {rules: [deny]}", "policy.rules[0]: must hold settings, each as name: value"],
      ["policy: {rules: [{effect: allow, reveal: maybe}]}", "reveal: must be true or false"],
      [
        "policy: {profile: gaurded}",
        "must be none, guarded, standard or open; did you mean guarded?",
      ],
      ["policy: {mode: readwrite}", "approve; did you mean read-write?"],
      ["policy:", "policy: is empty; write settings below it, or leave it out"],
      ["contexts: a,b", "contexts: must be a list: write [a, b]"],
      ["rateLimits: {read: many}", "rateLimits.read: must be a whole number"],
      ["rateLimits: {read: 1.5}", "rateLimits.read: must be a whole number"],
      ["rateLimits: {read: 0}", "rateLimits.read: must be at least 1"],
      ["rateLimits: {read: 9999999}", "rateLimits.read: must be at most 1000000"],
      ["rateLimits: {enabled: 0}", "rateLimits.enabled: must be true or false"],
      ["audit: {}", "audit.file: must be given"],
      ["audit: {file: ''}", "audit.file: must not be empty"],
      ["just text", "line 1: must hold settings, each as name: value"],
    ] as const
  ) {
    const message = refused(text);
    assert.ok(message.endsWith(words), `${message}\n${words}`);
  }
});

Deno.test("parseConfig() refuses what is no configuration at all", () => {
  assert.match(refused(""), /it is empty/);
  assert.match(refused("# only a comment\n"), /it is empty/);
  assert.match(refused("just text"), /line 1/);
  assert.match(refused("policy: {}\n---\npolicy: {}"), /2 YAML documents/);
  assert.match(refused("policy: \0"), /c\.yaml/);
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
  for (let at = 1; at < 12; at++) {
    const before = String.fromCharCode(96 + at);
    const name = String.fromCharCode(97 + at);
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(",")}]`);
  }
  assert.match(refused(bomb.join("\n")), /aliases expand to too much|alias/);
});

Deno.test("readConfigFile() says why a file cannot be read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const message = async (path: string) => {
      const error = await readConfigFile(path).then(() => undefined, (error) => error);
      assert.ok(error instanceof ConfigError, String(error));
      assert.ok(error.message.includes(path));
      return error.message;
    };
    assert.match(await message(folder), /it is a folder/);
    assert.match(await message(`${folder}/none.yaml`), /: no such file$/);
    assert.match(await message("/dev/null/x"), /a part of its path is not a directory$/);
    await Deno.writeFile(`${folder}/binary`, new Uint8Array([0xff, 0xfe, 0, 0x80]));
    assert.match(await message(`${folder}/binary`), /it is not UTF-8 text/);
    await Deno.writeTextFile(`${folder}/large`, "#".repeat(10 * 1024 * 1024));
    assert.match(await message(`${folder}/large`), /more than 1 MiB/);
    assert.match(await message("/dev/zero"), /not a regular file/);
    await Deno.symlink(`${folder}/loop`, `${folder}/loop`);
    assert.match(await message(`${folder}/loop`), /Cannot read the config file/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("defaultConfigPath() is a file that is there, or nothing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const find = (env: Record<string, string>) => defaultConfigPath((name) => env[name]);
    assert.equal(await find({}), undefined);
    assert.equal(await find({ HOME: folder }), undefined);
    await Deno.mkdir(`${folder}/.config/kubecode`, { recursive: true });
    await Deno.writeTextFile(`${folder}/.config/kubecode/config.yaml`, "policy: {}");
    const path = `${folder}/.config/kubecode/config.yaml`;
    assert.equal(await find({ HOME: folder }), path);
    assert.equal(await find({ HOME: "/none", XDG_CONFIG_HOME: `${folder}/.config` }), path);
    // A link that leads nowhere is a file that somebody meant to be there.
    await Deno.remove(path);
    await Deno.symlink("/nowhere", path);
    assert.equal(await find({ HOME: folder }), path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the reference has a row for each setting, and none for what is no setting", async () => {
  const rows = (place: Place, path: string): string[] =>
    settingsAt(CONFIG_SCHEMA, place).flatMap((name) => {
      const below = rows([...place, name], `${path}${name}.`);
      const entries = rows([...place, name, 0], `${path}${name}[].`);
      return below.length + entries.length > 0 ? [...below, ...entries] : [`${path}${name}`];
    });
  const reference = await Deno.readTextFile(
    new URL("../../docs/reference/settings.md", import.meta.url),
  );
  const [, table = ""] = /\n\| setting [^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(reference) ?? [];
  const told = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
  assert.deepEqual(told.toSorted(), rows([], "").toSorted());
});
