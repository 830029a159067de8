/** Nobody who writes a log or an object can make redaction hold the server up: its cost is linear. */
import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import { ENDLESS } from "./endless.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { withWritten } from "../../lib/redact/writes/own_words.ts";

/** Texts to repeat: each leads into some part of the search. */
const FRAGMENTS = [
  "Cookie: ",
  "password",
  "password: ",
  "password: '",
  'PASSWORD="',
  "PASSWORD=a ",
  "password: >\n",
  "password: |\n  ",
  "password:password:",
  "authorization: bearer ",
  '"auths":{',
  '\\"password\\":\\"',
  "--password ",
  "name: a value: ",
  "mysql ",
  "curl -u a:b ",
  "redis-cli ",
  "<a b>",
  "<password>x</",
  "login a password ",
  "a:*:b:c:d\n",
  "-----BEGIN CERTIFICATE-----",
  "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----\nqP9zX7wLm3Tb8Rk2VdYc\n",
  "-----BEGIN PRIVATE KEY-----",
  "kind: Secret\ndata:\n",
  '"kind":"Secret","data":{"a":"b"}',
  "https://u:p@",
  "postgres://",
  "a://b:",
  "@@:",
  "eyJhbGciOiJIUzI1NiJ9.",
  "sk-",
  "a.b.c.",
  "aB1_/",
  "12345678-1234-1234-1234-123456789012",
  '{"a":',
  '[{"a":1},',
  "\\",
  "arn:aws:secretsmanager:",
  "password:\n\n",
  "password:\n  - ",
  "password for user a ",
  "the password is ",
  "password [",
  "secret id ",
  "API key ",
  "\x1b[36mpassword\x1b[0m=",
  "\x1b[",
  "\\u001b[36m",
  "PASSWORD==",
  "\nPASSWORD='a ",
  "--password='a ",
  "--password=a\"b'c<d> ",
  "password=SecretStr('",
  "password=$(printf ",
  "<property name='password' value='",
  "<name>password</name><value>",
  "<a name='password'>",
  "| password | ",
  "\nENV PASSWORD ",
  "\nbindpw ",
  "\nsecret_id    ",
  '"AUTH" "',
  "AUTH PLAIN ",
  "['--password', '",
  "[--password, ",
  "login a password\n",
  "create secret generic --from-literal=a=",
  "curl \\\n -u ",
  "a:5432:b:c:",
  "password=hunter2-4711 hunter2-4711 ",
  'password="a b c 4711" a b c 4711',
  "dt0c01.",
  "a.atlasv1.",
  "{ssha",
  "$2a$",
  "api/webhooks/",
  "s.b.s.",
  "abcdef.",
];

/** How many times as much there is to do in the second run. */
const TIMES = 32;

/**
 * What is linear takes 32 times as long, what is square 1,024 times. The bound lies five times from the
 * one and six from the other, so that a just-in-time compiler does not decide.
 */
const BOUND = TIMES * 5;

/** The same where levels are added to what stays: nothing beside it, or 32 times all of it. */
const LEVELS_BOUND = 8;

/**
 * How many times as long it takes for so many times as much; the least of a few looks. Time is that of
 * this process, in microseconds: what else the machine does has no part in it.
 */
function growth(run: (size: number) => () => unknown, size: number, bound = BOUND): number {
  const time = (work: () => unknown) => {
    const started = cpuUsage();
    work();
    const { user, system } = cpuUsage(started);
    return user + system;
  };
  const work = run(size);
  const little = Math.max(100, Math.min(...Array.from({ length: 5 }, () => time(work))));
  const more = run(size * TIMES);
  let much = Infinity;
  for (let look = 0; look < 5 && much > little * bound; look++) much = Math.min(much, time(more));
  return much / little;
}

const encode = (text: string) => new TextEncoder().encode(text);
const redactor = createRedactor(undefined, ENDLESS);
const place = { secrets: false, objects: { of: "test", form: "one" } } as const;

for (
  const [what, body] of [
    ["a log", (text: string) => encode(text)],
    ["a value", (text: string) => encode(JSON.stringify({ kind: "ConfigMap", data: { text } }))],
  ] as const
) {
  Deno.test(`redaction of ${what} takes time in proportion to its length, whatever it says`, () => {
    for (const fragment of FRAGMENTS) {
      const grown = growth((size) => {
        const bytes = body(fragment.repeat(Math.ceil(size / fragment.length)));
        return () => what === "a log" ? redactor.bytes(bytes) : redactor.json(bytes, place);
        // More than the longest value that is read without an end: the first would be all of it.
      }, 6_000);
      assert.ok(grown <= BOUND, `${JSON.stringify(fragment)}: ${grown.toFixed()} times`);
    }
  });
}

Deno.test("redaction of arguments takes time in proportion to their number", () => {
  const grown = growth((size) => {
    const args = Array.from({ length: size }, (_, at) => at % 2 ? "-pX1y2" : "mysql");
    const bytes = encode(JSON.stringify({ args }));
    return () => redactor.json(bytes, place);
  }, 1_000);
  assert.ok(grown <= BOUND, `${grown.toFixed()} times`);
});

for (
  const [what, level] of [
    ["pairs of name and value", (c: unknown) => ({ name: "password", value: "hunter2", c })],
    ["what looks like managed fields", (c: unknown) => ({ managedFields: [c] })],
    ["lists that hide something", (c: unknown) => [{ password: "hunter2", c }]],
  ] as const
) {
  Deno.test(`redaction takes no more time for each level: ${what}`, () => {
    const strings = Array.from({ length: 4_000 }, (_, at) => `the words of ${at}`);
    const grown = growth(
      (levels) => {
        const deep = Array.from({ length: levels }).reduce<unknown>(level, strings);
        const bytes = encode(JSON.stringify(deep));
        return () => redactor.json(bytes, place);
      },
      3,
      LEVELS_BOUND,
    );
    // The levels are nothing beside the strings within them.
    assert.ok(grown <= LEVELS_BOUND, `${grown.toFixed()} times`);
  });
}

Deno.test("a plan of an object takes time in proportion to its fields", () => {
  // More fields than 1,020 in both runs: V8 keeps objects of fewer in another, faster form.
  const grown = growth((size) => {
    const raw = {
      data: Object.fromEntries(Array.from({ length: size }, (_, at) => [`k${at}`, "v"])),
    };
    const shown = structuredClone(raw);
    return () => withWritten(raw, shown, () => false);
  }, 2_000);
  assert.ok(grown <= BOUND, `${grown.toFixed()} times`);
});

Deno.test("a text that names credentials without end is not looked through to its end", () => {
  const hostile = encode("password: ".repeat(450_000));
  assert.throws(() => redactor.bytes(hostile), /too complex to look through/);
  assert.throws(
    () => redactor.json(encode(JSON.stringify({ text: "password: ".repeat(450_000) })), place),
    /too complex to look through/,
  );
});
