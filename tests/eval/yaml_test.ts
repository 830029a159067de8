/** `yaml(value)`, read back as Kubernetes reads it. */
import assert from "node:assert/strict";
import { yamlText } from "../../lib/eval/realm/values/yaml.ts";
import { parseYaml } from "../../lib/yaml/yaml.ts";
import { load } from "js-yaml";

/** What some YAML reader could take for something else, or lose. */
const AWKWARD = [
  "",
  " ",
  "~",
  "null",
  "NULL",
  "y",
  "N",
  "yes",
  "No",
  "on",
  "OFF",
  "true",
  "0",
  "-1",
  "+2",
  "1_000",
  "0x1F",
  "0b11",
  "0o17",
  "017",
  "1e3",
  "1.5E-3",
  ".5",
  ".inf",
  "-.INF",
  ".nan",
  "190:20:30",
  "12:30",
  "2001-12-14",
  "2001-12-14t21:59:43.10-05:00",
  "2001-12-14 21:59:43.10 -5",
  "1970-01-01T00:00:00Z",
  "=",
  "<<",
  "!tag",
  "&a",
  "*a",
  "- a",
  "-",
  "? a",
  ": a",
  "a: b",
  "a:",
  "a #b",
  "#a",
  "a ",
  " a",
  "{a}",
  "[a]",
  "a, b",
  "@a",
  "`a`",
  "%a",
  "|",
  ">",
  "---",
  "...",
  "--- a",
  "'a'",
  '"a"',
  'say "it\'s"',
  "back\\slash",
  "tab\there",
  "cr\rlf\r\n",
  "a\nb",
  "a\nb\n",
  "a\nb\n\n",
  "\na",
  " a\nb",
  "a\n  b\n\n c",
  "a\n ",
  "a\n\tb",
  "a\n#b\n- c: d",
  "\u0000\u0007\u007f\u0085\u00a0\u2028\u2029\ufeff\uffff",
  "\u0001\nb",
  "grün 日本語 😀",
  "100m",
  "1Gi",
  "10.0.0.1",
  "v1",
  "registry.example/app:1",
  "app.kubernetes.io/name=web",
  "x".repeat(2000),
];

Deno.test("yamlText() is read back as what it was, as text, key, member and item", () => {
  for (const text of AWKWARD) {
    for (const value of [text, { [text]: 1 }, { a: { b: text }, c: text }, [[text], text]]) {
      const written = yamlText(value);
      assert.deepEqual(
        parseYaml(written, "yaml") ?? null,
        value,
        `${JSON.stringify(text)}\n${written}`,
      );
      assert.deepEqual(load(written), value, `YAML 1.2: ${JSON.stringify(text)}\n${written}`);
    }
  }
});

Deno.test("yamlText() is read back as what it was, whatever the nesting", () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor(seed / 65536) % below;
  };
  const PARTS = [
    "a",
    "B",
    "0",
    "1",
    " ",
    "\n",
    ":",
    "#",
    "-",
    "'",
    '"',
    "\\",
    ".",
    "é",
    "{",
    "]",
    "\t",
  ];
  const text = () => Array.from({ length: next(8) }, () => PARTS[next(PARTS.length)]).join("");
  const value = (depth: number): unknown => {
    const kind = next(depth > 3 ? 5 : 8);
    if (kind < 2) return text();
    if (kind === 2) return AWKWARD[next(AWKWARD.length)];
    if (kind === 3) return [0, -1, 1.5, 1e21, 5e-7, 2 ** 52, true, false, null][next(9)];
    if (kind === 4) return next(2) ? {} : [];
    if (kind === 5) return Array.from({ length: next(4) }, () => value(depth + 1));
    return Object.fromEntries(Array.from({ length: next(4) }, () => [text(), value(depth + 1)]));
  };
  for (let round = 0; round < 3000; round++) {
    const given = { value: value(0) };
    const written = yamlText(given);
    assert.deepEqual(parseYaml(written, "yaml"), given, written);
    assert.deepEqual(load(written), given, written);
  }
});

Deno.test("yamlText() is compact: block style, no quotes where none are needed", () => {
  const pod = {
    apiVersion: "v1",
    metadata: { name: "web-0", labels: { "app.kubernetes.io/name": "web" }, finalizers: [] },
    spec: { containers: [{ name: "main", args: ["-c", "a\nb\n"], resources: { cpu: "100m" } }] },
    when: new Date(0),
    left: undefined,
  };
  assert.equal(
    yamlText(pod),
    `apiVersion: v1
metadata:
  name: web-0
  labels:
    app.kubernetes.io/name: web
  finalizers: []
spec:
  containers:
  - name: main
    args:
    - "-c"
    - |
      a
      b
    resources:
      cpu: 100m
when: "1970-01-01T00:00:00.000Z"`,
  );
});
