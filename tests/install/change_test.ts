/** Texts of configurations before and after. */
import assert from "node:assert/strict";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import { addEntry, removeEntry, type Target } from "../../lib/install/change.ts";
import type { FormatName } from "../../lib/install/clients.ts";
import type { Entry } from "../../lib/install/entry.ts";

const WANTED: Entry = { command: "/usr/bin/kubecode", args: ["--context", 'a"b\\c'] };

/** The target in a format. */
function at(format: FormatName, force = false): Target {
  const key = { json: "mcpServers", toml: "mcp_servers", yaml: "extensions" }[format];
  return { format, key, name: "kubecode", start: ["/usr/bin/kubecode"], force };
}

function added(format: FormatName, text: string, entry: Entry = WANTED): string {
  const change = addEntry(text, at(format), entry);
  assert.equal(change.kind, "change", text);
  return change.kind === "change" ? change.text : "";
}

function removed(format: FormatName, text: string): string {
  const change = removeEntry(text, at(format));
  assert.equal(change.kind, "change", text);
  return change.kind === "change" ? change.text : "";
}

/** Texts that have other servers already: they come back byte for byte. */
const TEXTS: Readonly<Record<FormatName, readonly string[]>> = {
  json: [
    '{\n  "mcpServers": {\n    "x": {}\n  }\n}\n',
    '{\r\n\t"mcpServers": {\r\n\t\t"x": {} // note\r\n\t}\r\n}',
    '{"mcpServers":{"x":{}}}',
    '// head\n{\n    "mcpServers": {\n        /* a */ "x": {}, /* b */\n        // c\n    },\n}\n// foot',
    '{\n  "a": "}, \\"kubecode\\": //",\n  "mcpServers": { "x": {} /* , */ },\n  "b": [1, 2]\n}',
    '{ "mcpServers": { "x": {}\n , "y": {}\n } }',
    '{ "mcpServers": {\n"x": {} /* a */}, "b": {} /* c */\n}',
  ],
  toml: [
    '# c\nmodel = "x"\n\n[mcp_servers.a]\ncommand = "b" # d\n',
    'a = """\n[mcp_servers.kubecode]\n"""\r\n[[b]]\r\nc = [\r\n  [1],\r\n  [2],\r\n]\r\n',
    '[mcp_servers.kubecode2]\ncommand = "x"\n\n\n# last\n',
  ],
  yaml: [
    "# c\nA: 1\nextensions:\n  dev:\n    enabled: true # yes\n\n# end\nB: 2\n",
    "extensions:\r\n    dev:\r\n        x: |\r\n            kubecode:\r\n\r\nB: 2\r\n",
    "---\nextensions:\n  a: {b: c}\n  d:\n  - e\n  - f: g\n",
    "A:\n  kubecode: 1\nextensions:\n  'x y': \"z\"\n",
  ],
};

for (const format of ["json", "toml", "yaml"] as const) {
  Deno.test(`${format}: an entry is added to what is there, and taken out without a trace`, () => {
    for (const text of TEXTS[format]) {
      const then = added(format, text);
      assert.equal(addEntry(then, at(format), WANTED).kind, "none", then);
      assert.equal(removed(format, then), text);
    }
  });

  Deno.test(`${format}: an entry is added to nothing`, () => {
    const text = added(format, "");
    const key = at(format).key;
    const value = format === "json"
      ? JSON.parse(text)
      : format === "toml"
      ? parseToml(text)
      : parseYaml(text);
    assert.deepEqual(JSON.parse(JSON.stringify(value)), { [key]: { kubecode: WANTED } });
  });

  Deno.test(`${format}: an entry is changed in its place, and keeps what a person has added`, () => {
    const first = added(format, TEXTS[format][0]!, {
      ...WANTED,
      env: { AWS_PROFILE: "a" },
      timeout: 9,
    });
    const then = added(format, first, { command: "/usr/bin/kubecode", args: [], timeout: 300 });
    const change = removeEntry(then, at(format));
    assert.ok(change.kind === "change");
    assert.deepEqual(JSON.parse(JSON.stringify(change.before)), {
      command: "/usr/bin/kubecode",
      args: [],
      env: { AWS_PROFILE: "a" },
      timeout: 9,
    });
    assert.equal(change.text, TEXTS[format][0]);
  });
}

Deno.test("a text that cannot be changed says where and why", () => {
  for (
    const [format, text, reason] of [
      ["json", '{\n  "a": 1\n  "b": 2\n}', /not valid JSON: CommaExpected, line 3, column 3/],
      ["json", "[]", /the file must be an object/],
      ["json", '{"mcpServers": []}', /"mcpServers" must be an object/],
      ["json", '{"mcpServers": null}', /"mcpServers" must be an object/],
      ["json", '{"mcpServers": {}, "mcpServers": {}}', /"mcpServers" twice/],
      ["json", "[".repeat(100_000), /nested too deeply|not valid JSON/],
      ["json", "\u0000", /not valid JSON/],
      ["toml", "a = \n", /not valid TOML: .*line 1/],
      ["toml", 'mcp_servers = {a = {command = "b"}}\n', /"mcp_servers.kubecode" cannot be changed/],
      ["toml", "mcp_servers = 1\n", /"mcp_servers" must be an object/],
      ["yaml", "a: [\n", /not valid YAML: .*line/],
      ["yaml", "a: 1\n---\nb: 2\n", /several documents/],
      ["yaml", "extensions: *x\n", /not valid YAML: .*aliases/],
      ["yaml", "{a: 1}\n", /in braces/],
      ["yaml", "extensions: {a: {b: c}}\n", /in braces/],
      ["yaml", "extensions: x\n", /"extensions" must be an object/],
      [
        "yaml",
        `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${"*a,".repeat(20)}]\nc: [${"*b,".repeat(20)}]\n`,
        /too much comes of its aliases/,
      ],
      ["yaml", "- a\n", /must be an object|must be a map/],
    ] as const
  ) {
    assert.throws(() => addEntry(text, at(format), WANTED), reason, text.slice(0, 60));
  }
});

Deno.test("somebody else's entry of the name is left alone unless it is forced", () => {
  const text = '{"mcpServers": {"kubecode": {"command": "other", "env": {"TOKEN": "secret"}}}}';
  assert.throws(() => addEntry(text, at("json"), WANTED), /does not start kubecode/);
  assert.throws(() => removeEntry(text, at("json")), /does not start kubecode/);
  const forced = addEntry(text, at("json", true), WANTED);
  assert.ok(forced.kind === "change" && forced.foreign);
  assert.deepEqual(JSON.parse(forced.text), { mcpServers: { kubecode: WANTED } });
});

Deno.test("an entry of another installation of kubecode is ours", () => {
  for (
    const entry of [
      { command: "/opt/homebrew/bin/kubecode" },
      { command: "C:\\tools\\kubecode.exe", args: ["--demo"] },
      { command: "npx", args: ["-y", "kubecode@0.1.0"] },
      { command: "cmd", args: ["/c", "npx", "-y", "kubecode"] },
      { command: "deno", args: ["run", "-A", "https://example.com/kubecode.js"] },
      { command: ["/usr/bin/kubecode", "--demo"], type: "local" },
      { cmd: "kubectl-code" },
    ]
  ) {
    const text = JSON.stringify({ mcpServers: { kubecode: entry } });
    assert.equal(removeEntry(text, at("json")).kind, "change", text);
  }
  for (
    const entry of [{ command: "echo", args: ["kubecode"] }, { url: "https://kubecode" }, 1, null]
  ) {
    const text = JSON.stringify({ mcpServers: { kubecode: entry } });
    assert.throws(() => removeEntry(text, at("json")), /does not start kubecode/, text);
  }
});

Deno.test("keys that objects have by nature are keys like others", () => {
  const text = '{"__proto__": {"mcpServers": {}}, "mcpServers": {"constructor": {}}}';
  assert.equal(removed("json", added("json", text)), text);
  assert.equal(removeEntry(text, { ...at("json"), name: "toString" }).kind, "none");
});
