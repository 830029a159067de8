/** What a script leaves behind for the next one of its session, which runs in the same child: nothing. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Broker, BrokerCall, Brokers } from "../../lib/broker/types.ts";
import { createPlan } from "../../lib/policy/plan.ts";
import { parseCall } from "../../lib/broker/calls.ts";
import { childCommand } from "../../lib/sandbox/parent/command.ts";
import type { EvalLimits } from "../../lib/eval/limits.ts";
import { createEvaluator } from "../../lib/eval/parent/evaluator.ts";
import type { Clock } from "../../lib/std/async.ts";
import { createTestClock } from "../support/clock.ts";
import { needs } from "../support/needs.ts";
import { CONFIG_MAPS } from "../support/config_maps.ts";
import { LOGGER } from "../support/clusters.ts";
import { js } from "../support/script.ts";
import { runs } from "../fuzz/runs.ts";

/** An evaluator, and in which child each of its scripts has run. */
function trackedEvaluator(
  broker: Broker = CONFIG_MAPS,
  limits: Partial<EvalLimits> = {},
  clock?: Clock,
) {
  const calls: BrokerCall[] = [];
  /** Its children when the last call was made: the one that has made it is among them. */
  let atCall: readonly string[] = [];
  const counting: Broker = {
    ...broker,
    call(call, body, signal) {
      calls.push(call);
      atCall = children();
      return broker.call(call, body, signal);
    },
  };
  const brokers: Brokers = { as: () => counting };
  // By which its children are told from those of tests that run beside it.
  const mark = `KUBECODE_TEST_MARK=${crypto.randomUUID()}`;
  const [name = "", value = ""] = mark.split("=");
  const children = () => processes().filter((pid) => environmentOf(pid).includes(mark));
  const command = childCommand("script");
  const evaluator = createEvaluator({
    ...{ brokers, parseCall, logger: LOGGER },
    command: { ...command, env: { ...command.env, [name]: value } },
    limits,
    pool: { clock },
  });
  return {
    calls,
    /** The numbers of its children. */
    children,
    atCall: () => atCall,
    /** What a script gives, or the failure; with its console. */
    async run(script: string, how: { session?: string; plan?: boolean; timeoutMs?: number } = {}) {
      const { session = "one", plan = false, timeoutMs = 20_000 } = how;
      const origin = { tool: "t", session, ...(plan ? { plan: createPlan(0) } : {}) };
      const evaluation = await evaluator.evaluate({ script, timeoutMs }, { origin });
      const { ok, console } = evaluation;
      const text = ok ? evaluation.result.text : evaluation.failure.message;
      return { ok, text, console: console.map(({ text }) => text) };
    },
    [Symbol.asyncDispose]: () => evaluator.close(),
  };
}

/** Numbers of this process's children. */
function processes(): string[] {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/self/task/${name}/children`).trim().split(" ")
  ).filter((pid) => pid !== "");
}

/** "" of one that is gone. */
function environmentOf(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`);
  } catch {
    return "";
  }
}

/** All that a script can see of its surroundings, as text. */
const LOOK = js`
  const seen = [Reflect.ownKeys(globalThis).map(String).sort().join()];
  const walk = (object, depth) => {
    if (Object(object) !== object || depth > 3) return;
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set, writable } = Reflect.getOwnPropertyDescriptor(object, key);
      seen.push(String(key) + typeof value + typeof get + typeof set + writable);
      if (typeof value !== "object") seen.push(String(value).slice(0, 100));
      walk(value, depth + 1);
    }
  };
  for (const one of [RegExp, Intl, Error, Promise, Array, JSON, Symbol]) walk(one, 0);
  /(b)/.exec("abc");
  seen.push(RegExp.$1, typeof leak, String(Error.stackTraceLimit), Object.keys(k8s).join());
  try { null.x } catch (error) { seen.push(error.stack) }
  seen.join("|");
`;

/** Ways to leave something behind. */
const LEAVE: readonly string[] = [
  "globalThis.leak = 1; leak",
  "var leak = 1; function leaked() {} leak",
  "RegExp.prototype.exec = () => ['forged']; RegExp.prototype.leak = 1",
  "Intl.leak = 1; Intl.NumberFormat.prototype.format = null; Temporal.leak = 1",
  "globalThis.JSON = null; globalThis.k8s = {forged: true}; globalThis.console = null; 1",
  "Error.stackTraceLimit = 1; try { Error.prepareStackTrace = () => 'forged' } catch {} 1",
  "/(.)/.exec('forged'); 1",
  "Symbol.for('leak').description",
  "console.log('x'.repeat(1000)); 1",
  "Promise.reject(new Error('late')); await 0; 1",
  "(async () => { for (let i = 0; i < 2000; i++) await null; throw new Error('late') })(); await 0; 1",
  "setTimeout(() => { throw new Error('late') }, 0); 1",
  "setInterval(() => k8s.coreV1().configMaps('default').list(), 1); await 0; 1",
  "const pending = new Promise(() => {}); pending.then(() => console.log('late')); 1",
  "for (let i = 0; i < 3; i++) k8s.coreV1().configMaps('default').list(); await 0; 1",
  "const keep = Array.from({length: 100000}, (_, i) => ({i})); keep.length",
  "Object.defineProperty(globalThis, 'Promise', {get() { throw new Error('forged') }}); 1",
  "throw new Error('ended badly')",
  "this is no JavaScript",
  // Too deep for the parser of types, whose memory it leaves in disorder.
  `let a: ${"[".repeat(100_000)}`,
  `enum A { B } let a = ${"{a:".repeat(60_000)}`,
  "const f = () => { queueMicrotask(f) }; f(); 1",
  // Told after the end, when whoever looks at the promise would run this.
  `const trap = () => { for (;;); };
  const prototype = new Proxy(Promise.prototype, { getPrototypeOf: trap, get: trap, has: trap });
  Object.setPrototypeOf(Promise.reject(1), prototype); 1`,
  "for (let i = 0; i < 10_000; i++) Promise.reject(i); await 0; 1",
  "(async function* () { try { yield 1 } finally { for (;;) await null } })().next(); 1",
];

const LISTS = `k8s.coreV1().configMaps("default").list().items.length`;

Deno.test(needs(["time"], "the next script: finds nothing of the one before it"), async () => {
  await using fresh = trackedEvaluator();
  const wanted = await fresh.run(LOOK);
  assert.ok(wanted.ok, wanted.text);
  const own = fresh.calls.length;
  await using evaluator = trackedEvaluator();
  for (const leave of LEAVE) {
    await evaluator.run(leave);
    const before = evaluator.calls.length;
    assert.deepEqual(await evaluator.run(LOOK), wanted, leave.slice(0, 100));
    assert.equal(evaluator.calls.length, before + own, `${leave}: no call but its own`);
    const typed = await evaluator.run(TYPED);
    assert.equal(typed.text, "3000", `${leave}: ${typed.text}`);
    const list = await evaluator.run(LISTS);
    assert.deepEqual([list.ok, list.console], [true, []], `${leave}: ${list.text}`);
  }
  // In pairs and more, in any order.
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...LEAVE), { minLength: 2, maxLength: 4 }),
      async (leaves) => {
        // Some of them at once: then they have a child each.
        await Promise.all(leaves.slice(0, 2).map((leave) => evaluator.run(leave)));
        for (const leave of leaves.slice(2)) await evaluator.run(leave);
        assert.deepEqual(await evaluator.run(LOOK), wanted);
      },
    ),
    { numRuns: runs(10) },
  );
});

/** A long script with types. */
const TYPED = `let n: number = 0;\n${"{ const one: number = 1; n += one }\n".repeat(3000)}n`;

const LINUX = { ignore: Deno.build.os !== "linux" };

Deno.test("a child: serves the scripts of its session, one after the other", LINUX, async () => {
  await using evaluator = trackedEvaluator();
  await evaluator.run("1");
  const [own, ...more] = evaluator.children();
  assert.deepEqual(more, [], "none beside the one that is kept");
  const long = "a".repeat(200_000);
  const failing = [
    "throw new Error('x')",
    "syntax error here",
    // What is told of these quotes the script, and is longer than a frame's header may be.
    `/${long}(/`,
    `k8s["${long}"].x`,
    `throw Object.assign(new Error("x"), { hint: "${long}" })`,
  ];
  for (const script of ["2", LISTS, ...failing, "await 0; 3"]) {
    await evaluator.run(script);
    assert.deepEqual(evaluator.children(), [own], script.slice(0, 100));
  }
});

Deno.test(
  "a child: serves no other session, nothing that is planned, and nobody after a bad end",
  LINUX,
  async () => {
    await using evaluator = trackedEvaluator();
    const used = new Set<string>();
    const ways: readonly (readonly [string, Parameters<typeof evaluator.run>[1]])[] = [
      [LISTS, { session: "a" }],
      [LISTS, { session: "b" }],
      [LISTS, { session: "a", plan: true }],
      [LISTS, { session: "a", plan: true }],
    ];
    for (const [script, how] of ways) {
      await evaluator.run(script, how);
      const now = evaluator.atCall().filter((pid) => !used.has(pid));
      assert.ok(now.length > 0, `${JSON.stringify(how)} has a child of its own`);
      for (const pid of now) used.add(pid);
    }
    const bad = [
      "for (;;);",
      "setInterval(() => {}, 1); await 0; 1",
      "const f = () => { queueMicrotask(f) }; f(); 1",
    ];
    for (const script of bad) {
      const session = `bad ${script}`;
      await evaluator.run("1", { session });
      const before = new Set(evaluator.children());
      await evaluator.run(script, { session, timeoutMs: 700 });
      await evaluator.run("2", { session });
      assert.ok(
        evaluator.children().some((pid) => !before.has(pid)),
        `${script} has used its child up`,
      );
    }
  },
);

/** Text of a script that has so many megabytes at once. */
const allocating = (megabytes: number) =>
  `const a = []; while (a.length < ${megabytes}) a.push(new Uint8Array(2 ** 20).fill(1)); "enough"`;

Deno.test(
  "the next script: has all its memory, whatever the one before has left in the process",
  LINUX,
  async () => {
    const limits = { memoryBytes: 256 * 2 ** 20 };
    await using evaluator = trackedEvaluator(CONFIG_MAPS, limits);
    await evaluator.run("1");
    const own = evaluator.children();
    // Registered symbols are the process's own: no collection takes them away.
    await evaluator.run("for (let i = 0; i < 200_000; i++) Symbol.for('k'.repeat(300) + i); 1");
    // What runs next runs in the same child, which is too large to be kept only after that.
    await evaluator.run(LISTS);
    assert.deepEqual(evaluator.atCall(), own);
    const { text } = await evaluator.run(allocating(130));
    assert.equal(text, "enough");
    const beyond = await evaluator.run(allocating(400), { session: "other" });
    assert.match(beyond.text, /used more than 256 MiB/);
  },
);

Deno.test(
  "a child: is replaced where it was killed from outside while it was kept",
  LINUX,
  async () => {
    await using evaluator = trackedEvaluator();
    await evaluator.run("1");
    const own = evaluator.children()[0] ?? "";
    Deno.kill(Number(own), "SIGKILL");
    while (evaluator.children().includes(own)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // By then the end of the child has been told.
    await evaluator.run("2", { session: "other" });
    assert.equal((await evaluator.run("2")).text, "2");
  },
);

Deno.test("children: four are kept, for however many sessions", LINUX, async () => {
  await using evaluator = trackedEvaluator();
  const sessions = Array.from({ length: 7 }, (_, number) => `session ${number}`);
  const told = await Promise.all(
    sessions.map((session) => evaluator.run(`"${session}"`, { session })),
  );
  assert.deepEqual(told.map(({ text }) => text), sessions);
  // Each has its turn only once those before it are kept or gone.
  await evaluator.run("1", { session: "last" });
  await evaluator.run("1", { session: "last" });
  assert.ok(evaluator.children().length <= 4, `${evaluator.children().length} children`);
});

Deno.test(
  "children: after a burst one waits for a minute, and what is large for seconds",
  LINUX,
  async () => {
    const clock = createTestClock();
    await using tracked = trackedEvaluator(CONFIG_MAPS, {}, clock);
    const left = async (count: number) => {
      const until = Date.now() + 20_000;
      while (tracked.children().length !== count) {
        assert.ok(Date.now() < until, `${tracked.children().length} children instead of ${count}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const scripts = ["1", "2", "3"].map((script) => tracked.run(script));
    for (const { ok } of await Promise.all(scripts)) assert.ok(ok);
    await left(3);
    // By then it is decided which of them are kept.
    await new Promise((resolve) => setTimeout(resolve, 700));
    clock.advance(5_000);
    await left(1);
    clock.advance(54_999);
    await left(1);
    clock.advance(1);
    await left(0);
    assert.ok((await tracked.run("1")).ok);
    const [child = ""] = tracked.children();
    const large = await tracked.run(
      "const a = []; for (let i = 0; i < 60; i++) a.push(Array(2 ** 17).fill(i + 0.5)); a.length",
    );
    assert.ok(large.ok, large.text);
    clock.advance(5_000);
    const until = Date.now() + 20_000;
    while (tracked.children().includes(child)) {
      assert.ok(Date.now() < until, "the child that has grown is still there");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
);
