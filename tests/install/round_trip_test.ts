/** Installation and its undoing on files of any content: what was there comes back, byte for byte. */
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { addEntry, removeEntry, type Target } from "../../lib/install/change.ts";
import { type Client, CLIENTS } from "../../lib/install/clients.ts";
import { entryFor } from "../../lib/install/entry.ts";
import { foldersOf } from "../../lib/install/folders.ts";
import { install, planInstall, planUninstall, uninstall } from "../../lib/install/plan.ts";

const START = {
  command: "/usr/bin/kubecode",
  args: ["--context", "a 'b\" c"],
  env: { KUBECONFIG: "/k" },
};

/** Spaces and comments between two tokens of JSON. */
const trivia = fc.array(
  fc.constantFrom(" ", "  ", "\n", "\t", "/* { */", '// [ "\n', "\n    "),
  { maxLength: 3 },
).map((parts) => parts.join(""));

const key = fc.oneof(
  fc.constantFrom("mcpServers", "servers", "kubecode2", "a.b", "//", ""),
  fc.string({ maxLength: 6 }),
).filter((name) => name !== "kubecode");

/** A value of JSON with comments, as text. */
const { value, object } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("null", "true", "-1.5e3", '"}"', '"\\u0041 // no"'),
    fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)),
    fc.tuple(fc.array(fc.tuple(trivia, tie("value"), trivia), { maxLength: 3 }))
      .map(([members]) => `[${members.map((parts) => parts.join("")).join(",")}]`),
    tie("object"),
  ),
  object: fc.tuple(
    fc.uniqueArray(fc.tuple(key, tie("value"), trivia, trivia, trivia), {
      maxLength: 4,
      selector: ([name]) => name,
    }),
    fc.boolean(),
    trivia,
  ).map(([members, trailing, end]) => {
    const texts = members.map(([name, text, a, b, c]) =>
      `${a}${JSON.stringify(name)}${b}:${text}${c}`
    );
    return `{${texts.join(",")}${trailing && texts.length > 0 ? "," : ""}${end}}`;
  }),
}));

/** A configuration with other servers, some of the time. */
const jsonText = fc.tuple(
  fc.constantFrom("", "\ufeff"),
  trivia,
  fc.uniqueArray(fc.tuple(key, value, trivia), { maxLength: 3, selector: ([name]) => name }),
  fc.option(fc.tuple(object, fc.nat(3))),
  fc.boolean(),
  fc.boolean(),
).map(([mark, head, members, servers, trailing, windows]) => {
  const texts = members.filter(([name]) => name !== "mcpServers")
    .map(([name, text, space]) => `${space}${JSON.stringify(name)}: ${text}`);
  if (servers) texts.splice(servers[1], 0, `\n  "mcpServers": ${servers[0]}`);
  const text = `${head}{${texts.join(",")}${trailing && texts.length > 0 ? "," : ""}\n}${head}`;
  return mark + (windows ? text.replaceAll("\n", "\r\n") : text);
});

/** A configuration of lines that fit together in any order. */
function linesOf(parts: readonly string[], tail: readonly string[]) {
  return fc.tuple(
    fc.subarray([...parts], { minLength: 0 }),
    fc.subarray([...tail]),
    fc.boolean(),
    fc.boolean(),
  ).map(([some, more, windows, ended]) => {
    const text = [...some, ...more].join("");
    const cut = ended ? text : text.replace(/\n$/, "");
    return windows ? cut.replaceAll("\n", "\r\n") : cut;
  });
}

const tomlText = linesOf(
  ["# head\n\n", 'model = "x" # y\n', "list = [\n  1, # [a]\n  2,\n]\n", 'text = """\n[b]\n"""\n'],
  [
    "[mcp_servers]\n",
    '\n[mcp_servers.other]\ncommand = "c"\n',
    '[mcp_servers.other.env]\nTOKEN = "t"\n\n',
    "[[profiles]]\n",
    'name = "d"\n',
    "# end\n\n",
  ],
);

const yamlText = linesOf(
  ["# head\n", "A: 1 # a\n", "B:\n  - x\n  - y: z\n", "C: |\n  kubecode:\n    d\n\n", "\n"],
  [
    "extensions:\n",
    "  # first\n  dev:\n    enabled: true # b\n",
    "  'odd name':\n    args: [a, \"b\"]\n\n",
  ],
).filter((text) => text.includes("extensions:") || !/^ {2}(#|')/m.test(text));

async function roundTrip(client: Client, text: string): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    const folders = foldersOf("linux", (name) => name === "HOME" ? home : undefined);
    const path = join(home, "config");
    await Deno.writeTextFile(path, text);
    const chosen = { client, path };
    const { format, key, shape } = client;
    const target = { format, key, name: "kubecode", start: [START.command], force: false };
    const wanted = entryFor(shape, "kubecode", START);
    const plan = await planInstall(chosen, target, wanted);
    assert.equal(plan.change.kind, "change");
    await install(plan, folders);
    assert.equal((await planInstall(chosen, target, wanted)).change.kind, "none");
    await uninstall(await planUninstall(chosen, target), folders);
    assert.equal(await Deno.readTextFile(path), text);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(home), ({ name }) => name)).toSorted(), [
      ".local",
      "config",
    ]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("json: an entry is taken out of a file that somebody has changed since, and nothing else", () => {
  const others = fc.tuple(jsonText, object).filter(([, servers]) => servers.includes(":"));
  const target: Target = {
    format: "json",
    key: "mcpServers",
    name: "kubecode",
    start: [START.command],
    force: false,
  };
  fc.assert(fc.property(others, trivia, ([, servers], space) => {
    const text = `{"a": 1,${space}"mcpServers":${space}${servers}\n}`;
    const added = addEntry(text, target, entryFor("plain", "kubecode", START));
    assert.ok(added.kind === "change");
    const changed = removeEntry(`// new\n${added.text}\n`, target);
    assert.ok(changed.kind === "change");
    assert.equal(changed.text, `// new\n${text}\n`);
  }));
});

for (
  const [id, texts] of [["cursor", jsonText], ["codex", tomlText], ["goose", yamlText]] as const
) {
  const client = CLIENTS.find((each) => each.id === id)!;
  Deno.test(`${client.format}: whatever was in a file comes back`, async () => {
    await fc.assert(fc.asyncProperty(texts, (text) => roundTrip(client, text)));
  });
}
