/** What watches must not become: requests left behind, memory, a way to hold other calls up. */
import assert from "node:assert/strict";
import { connect } from "../support/clusters.ts";
import { type TestEvaluator, testEvaluator } from "../support/evaluator.ts";
import {
  change,
  startWatchServer,
  type WatchAnswer,
  type WatchServer,
  watchTarget,
} from "../support/watch_server.ts";
import { js } from "../support/script.ts";
import { needs } from "../support/needs.ts";

const STAYS: WatchAnswer = { stays: true, lines: [change("ADDED", "a", "1")] };

function* flood() {
  for (let n = 1;; n++) yield change("MODIFIED", "a", String(n), "x".repeat(10_000));
}

const test = (
  fact: string,
  use: (evaluator: TestEvaluator, server: WatchServer) => Promise<void>,
  answer: () => WatchAnswer | Iterable<unknown> = () => STAYS,
) =>
  Deno.test(needs(["time"], `watches of scripts: ${fact}`), async () => {
    await using server = startWatchServer(answer);
    await using cluster = await connect(watchTarget(server), { readWrite: true });
    await using evaluator = testEvaluator(cluster.broker);
    await use(evaluator, server);
    await server.untilOpen(0);
  });

const WATCH = `k8s.coreV1().configMaps("default").watch()`;

test("leaving the loop ends the request while the script goes on", async (evaluator, server) => {
  for (const wait of ["", "await "]) {
    const running = evaluator.run(
      `for ${wait}(const e of ${WATCH}) break;
const list = () => k8s.coreV1().configMaps("default").list(); for (;;) ${wait}list();`,
      20_000,
    );
    await server.untilOpen(1);
    await server.untilOpen(0);
    const ended = await running;
    assert.equal(ended.ok ? "" : ended.failure.kind, "limit");
  }
});

test("an error in the loop ends the request", async (evaluator) => {
  for (const wait of ["", "await "]) {
    const failure = await evaluator.failure(`for ${wait}(const e of ${WATCH}) throw Error("mine")`);
    assert.equal(failure.message, "mine");
  }
});

test("a watch left open ends with its script", async (evaluator, server) => {
  assert.equal(await evaluator.value(`const w = ${WATCH}; w.next().value.type`), "ADDED");
  assert.equal(
    await evaluator.value(`const w = await ${WATCH}; (await w.next()).value.type`),
    "ADDED",
  );
  assert.equal(await evaluator.value(`await 0; ${WATCH}; "never read"`), "never read");
  assert.equal(server.requests.length, 3);
});

test("a script that is killed leaves no request behind", async (evaluator, server) => {
  for (const script of [`${WATCH}; for (;;);`, `for await (const e of ${WATCH}) for (;;);`]) {
    const running = evaluator.failure(script, 1_500);
    await server.untilOpen(1);
    assert.equal((await running).kind, "timeout");
    await server.untilOpen(0);
  }
});

test("a watch without an end gives its script time to answer", async (evaluator) => {
  for (const wait of ["", "await "]) {
    const ended = await evaluator.inTime(
      `let n = 0; for ${wait}(const e of ${WATCH}) n++; n`,
      5_000,
    );
    assert.deepEqual(ended.ok && ended.result.text, "1");
  }
});

test("so many watches are open at a time, and one more is refused", async (evaluator) => {
  const script = `const all = [];
for (let n = 0; n < 32; n++) all.push(await ${WATCH});
const refused = await ${WATCH}.then(() => "", e => e.name + ": " + e.message);
for (const w of all) w.stop();
const again = await ${WATCH};
[refused, (await again.next()).value.type]`;
  assert.deepEqual(await evaluator.value(script), [
    "LimitError: Cannot watch: 32 watches of this script are open",
    "ADDED",
  ]);
});

test("watches hold no other call up", async (evaluator) => {
  const script = `const c = k8s.coreV1().configMaps("default");
const all = []; for (let n = 0; n < 32; n++) all.push(c.watch());
const lists = await Promise.all(Array.from({length: 40}, () => c.list()));
const made = await c.create({name: "made"});
const types = await Promise.all(all.map(w => w.next()));
[lists.length, made.kind, types.length]`;
  assert.deepEqual(await evaluator.value(script), [40, "ConfigMap", 32]);
});

test("what a script does not take stays with the server", async (evaluator, server) => {
  const script = `const w = await ${WATCH};
await new Promise(done => setTimeout(done, 1500));
let n = 0; for await (const e of w) if (e.object.metadata.resourceVersion !== String(++n) || n === 1000) break;
n`;
  const running = evaluator.value(script);
  await server.untilOpen(1);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const ahead = server.sent();
  // Buffers of sockets on both sides, of the client and of one window: not what a flood would be.
  assert.ok(ahead < 32 * 1024 * 1024, `${ahead} bytes`);
  // Nothing was lost on the way, and nothing changed its place.
  assert.equal(await running, 1000);
}, flood);

test("a watch that is never read costs the script no memory", async (evaluator) => {
  const script = `const all = []; for (let n = 0; n < 20; n++) all.push(await ${WATCH});
await new Promise(done => setTimeout(done, 1500)); "alive"`;
  assert.equal(await evaluator.value(script), "alive");
}, flood);

test("a refusal is an error with its line, also where nobody looks", async (evaluator) => {
  for (const script of [`1;\n${WATCH}`, `await 0;\n${WATCH}; 1`, `await 0;\nawait ${WATCH}`]) {
    const failure = await evaluator.failure(script);
    assert.deepEqual([failure.message, failure.line], ["status 403", 2], script);
  }
  assert.equal(await evaluator.value(`try { ${WATCH} } catch (e) { e.code }`), 403);
  assert.equal(await evaluator.value(`await ${WATCH}.next().catch(e => e.code)`), 403);
}, () => ({ status: 403 }));

test("replaced built-ins hand the script nothing of ours", async (evaluator) => {
  // The worker's object is frozen without a prototype, its functions have none either.
  const script = js`
    let seen = 0;
    const { apply, ownKeys, getOwnPropertyDescriptor: own, defineProperty: define } = Reflect;
    const { getPrototypeOf, isFrozen } = Object;
    const note = (v) => {
      const type = typeof v;
      if (type !== "function" && (type !== "object" || v === null)) return;
      if (getPrototypeOf(v) === null && (type === "function" || isFrozen(v))) seen++;
    };
    const protos = [
      getPrototypeOf(function* () {}.prototype),
      Map.prototype,
      Array.prototype,
      Promise.prototype,
      Function.prototype,
      String.prototype,
      RegExp.prototype,
    ];
    for (let p = 0; p < protos.length; p++) {
      const keys = ownKeys(protos[p]);
      for (let k = 0; k < keys.length; k++) {
        const d = own(protos[p], keys[k]), old = d.value;
        if (typeof old !== "function" || keys[k] === "constructor" || !d.configurable) continue;
        d.value = function () {
          note(this);
          for (let i = 0; i < arguments.length; i++) note(arguments[i]);
          return apply(old, this, arguments);
        };
        define(protos[p], keys[k], d);
      }
    }
    define(Object.prototype, "resolve", {
      set(v) {
        note(this);
        note(v);
      },
      configurable: true,
    });
    const w = await ${WATCH};
    note(w);
    note(w[Symbol.iterator]());
    const { value } = await w.next();
    w.stop();
    const { done } = w[Symbol.iterator]().next();
    await k8s.coreV1().configMaps("default").waitFor("a", (o) => {
      note(o);
      return true;
    }).catch(note);
    [value.type, done, seen];
  `;
  assert.deepEqual(await evaluator.value(script), ["ADDED", true, 0]);
});

test("a wait cannot wait for itself", async (evaluator) => {
  const failure = await evaluator.failure(
    `await 0; const p = k8s.coreV1().configMaps("default").waitFor("x", o => p.kind); await p`,
    5_000,
  );
  assert.equal(failure.kind, "error");
});
