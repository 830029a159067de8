import { js } from "../support/script.ts";

/**
 * Scripts that an attacker, or an unlucky model, would send, and what must come of each. `ok` is
 * matched against the answer, `error` against the text of a failure.
 */
export interface AbuseCase {
  readonly name: string;
  readonly script: string;
  readonly ok?: RegExp;
  readonly error?: RegExp;
  /** Milliseconds; 5000 when left out. */
  readonly timeout?: number;
}

const NO_CODE = /Code generation from strings disallowed|eval is not|not a function/;
const get = `k8s.coreV1().configMaps("shop").get("shop-config")`;

/** Scripts that never end. */
const ENDLESS: readonly AbuseCase[] = ([
  ["loop", "while(true){}"],
  ["loop after await", `await ${get}.catch(() => 0); while(true){}`],
  ["loop of microtasks", "for(;;) await null"],
  ["recursion by then", "(function f(){ Promise.resolve().then(f) })(); await new Promise(()=>{})"],
  ["loop in a timer", "setTimeout(()=>{ for(;;); }, 10); await new Promise(()=>{})"],
  ["promise that never resolves", "await new Promise(()=>{})"],
  ["timers for ever", "for(;;) await new Promise(r=>setTimeout(r,1))"],
  ["proxy as result", "new Proxy({}, { ownKeys() { for(;;); } })"],
  ["getter as result", "({ get a() { for(;;); } })"],
  ["toString of what is thrown", "throw { get message() { for(;;); } }"],
  ["regular expression", `/^(a+)+$/.test("a".repeat(40) + "b")`],
  [
    "iterator that never ends",
    "[...{ *[Symbol.iterator]() { for(;;) yield 0 ? 1 : undefined } }].length = 1",
  ],
  ["then of the result", "await 0; ({ then() { for(;;); } })"],
] as const).map(([name, script]) => ({
  name: `endless: ${name}`,
  script,
  timeout: 1000,
  error: /execution timeout exceeded|512 MiB|Invalid array length|out of memory|sandbox ended/,
}));

const MEMORY_CASES: readonly AbuseCase[] = ([
  ["heap", "const a=[]; for(;;) a.push({x:Math.random(),y:[1,2,3]})"],
  ["big arrays", "const a=[]; for(;;) a.push(new Array(1e6).fill(1.5))"],
  ["typed arrays", "const a=[]; for(;;){ const u=new Uint8Array(1e8); u.fill(1); a.push(u) }"],
  ["maps", "const m=new Map(); for(let i=0;;i++) m.set(i,{i})"],
  [
    "closures",
    "const a=[]; for(;;) { const s = 'x'.repeat(1000) + Math.random(); a.push(() => s) }",
  ],
  [
    "string that doubles",
    "let s='x'; const keep=[]; for(;;) { s += s; keep.push(s.split('').length) }",
  ],
] as const).map(([name, script]) => ({
  name: `memory: ${name}`,
  script,
  timeout: 20_000,
  error:
    /more than 512 MiB of memory|sandbox ended before the script|Invalid (array|string) length/,
}));

/** Ways out of the realm. */
const ESCAPES: readonly AbuseCase[] = [
  {
    name: "globals of the host",
    script: js`
      [
        typeof Deno,
        typeof process,
        typeof fetch,
        typeof Worker,
        typeof require,
        typeof WebAssembly,
        typeof SharedArrayBuffer,
        typeof Atomics,
        typeof postMessage,
        typeof BroadcastChannel,
        typeof caches,
        typeof Buffer,
        typeof navigator,
        typeof self,
        typeof global,
        typeof module,
        typeof __dirname,
        typeof importScripts,
        typeof close,
        typeof localStorage,
        typeof WebSocket,
        typeof XMLHttpRequest,
        typeof FinalizationRegistry,
        typeof WeakRef,
        typeof realm,
        typeof install,
      ].every((t) => t === "undefined");
    `,
    ok: /^true$/,
  },
  { name: "eval", script: `eval("1+1")`, error: NO_CODE },
  { name: "indirect eval", script: `(0,eval)("1+1")`, error: NO_CODE },
  { name: "Function", script: `Function("return 1")()`, error: NO_CODE },
  { name: "AsyncFunction", script: `(async()=>{}).constructor("return 1")()`, error: NO_CODE },
  {
    name: "GeneratorFunction",
    script: `(function*(){}).constructor("yield 1")().next().value`,
    error: NO_CODE,
  },
  {
    name: "AsyncGeneratorFunction",
    script: `(async function*(){}).constructor("yield 1")`,
    error: NO_CODE,
  },
  {
    name: "Function by a proxy",
    script: `new Proxy(Function,{}).constructor("return 1")()`,
    error: NO_CODE,
  },
  {
    name: "Reflect.construct of Function",
    script: `Reflect.construct(Function, ["return 1"])()`,
    error: NO_CODE,
  },
  {
    name: "text for a timer",
    script: `setTimeout("globalThis.x=1",0); await new Promise(r=>setTimeout(r,20)); typeof x`,
    error: /takes a function/,
  },
  { name: "import()", script: `await import("file:///etc/passwd")`, error: /SyntaxError.*import/s },
  { name: "import() in a template", script: '`${await import("node:fs")}`', error: /import/ },
  {
    name: "import() behind a comment",
    script: `await import /* x */ ("node:fs")`,
    error: /import/,
  },
  {
    name: "import() behind an HTML comment",
    script: 'await import <!-- x\n("node:fs")',
    error: /import/,
  },
  {
    name: "import() behind a line separator",
    script: 'await import //x\u2028("node:fs")',
    error: /import/,
  },
  {
    name: "import() with type text",
    script: `await import("file:///proc/self/environ", {with: {type: "text"}})`,
    error: /import/,
  },
  { name: "import.meta", script: `import.meta.url`, error: /import/ },
  { name: "import declaration", script: `import fs from "node:fs"; 1`, error: /SyntaxError/ },
  { name: "export declaration", script: `export default 1`, error: /SyntaxError/ },
  {
    name: "out of the wrapper",
    script: "})(); globalThis.pwn=1; (async()=>{",
    error: /SyntaxError/,
  },
  {
    name: "out of the wrapper, async",
    script: "await 0 }).call(this); (async function () {",
    error: /SyntaxError/,
  },
  { name: "caller", script: "(function f(){ return String(f.caller) })()", ok: /^null$/ },
  {
    name: "caller of a callback that the SDK calls",
    script: js`
      function f() {
        return String(f.caller) + typeof f.arguments;
      }
      [1].map(f)[0];
      const o = {
        get name() {
          return f();
        },
      };
      try {
        k8s.coreV1().configMaps("shop").create(o);
      } catch (e) {
        e.message;
      }
    `,
    ok: /null|read-only|InvalidName|Cannot/,
  },
  {
    name: "callee.caller",
    script:
      "(function(){ try { return String(arguments.callee.caller) } catch (e) { return 'refused' } })()",
    ok: /^(null|refused)$/,
  },
  {
    name: "prepareStackTrace",
    script: "try { Error.prepareStackTrace = (e,cs)=>cs; } catch (e) {} typeof new Error().stack",
    ok: /^string$/,
  },
  {
    name: "prepareStackTrace redefined",
    script:
      `try { Object.defineProperty(Error, "prepareStackTrace", {value:(e,cs)=>cs}); } catch (e) {} typeof new Error().stack`,
    ok: /^string$/,
  },
  {
    name: "Error replaced",
    script: js`
      try {
        globalThis.Error = { prepareStackTrace: (e, c) => c };
      } catch (e) {}
      const r = (() => {
        try {
          null.x;
        } catch (e) {
          return e.stack;
        }
      })();
      typeof r;
    `,
    ok: /^string$/,
  },
  {
    name: "Error deleted and replaced",
    script: js`
      try {
        delete globalThis.Error;
      } catch {}
      try {
        globalThis.Error = { prepareStackTrace: (e, c) => c };
      } catch (e) {}
      typeof (() => {
        try {
          null.x;
        } catch (e) {
          return e.stack;
        }
      })();
    `,
    ok: /^string$/,
  },
  {
    name: "Error shadowed",
    script:
      "{ const Error = { prepareStackTrace: (e,c)=>c }; } typeof (()=>{ try { null.x } catch (e) { return e.stack } })()",
    ok: /^string$/,
  },
  {
    name: "Error shadowed at the top",
    script:
      "const Error = { prepareStackTrace: (e,c)=>c }; typeof (()=>{ try { null.x } catch (e) { return e.stack } })()",
    error: /SyntaxError/,
  },
  {
    name: "Error shadowed at the top, asynchronous",
    script:
      "await 0; const Error = { prepareStackTrace: (e,c)=>c }; typeof (()=>{ try { null.x } catch (e) { return e.stack } })()",
    ok: /^string$/,
  },
  {
    name: "Error by its computed name",
    script: `globalThis["Err"+"or"] = 1; typeof Error`,
    ok: /^function$/,
  },
  {
    name: "prototype of Error",
    script:
      "class E extends Error { static prepareStackTrace(e, c) { return c } } typeof new E().stack",
    ok: /^string$/,
  },
  {
    name: "captureStackTrace",
    script: "const o = {}; Error.captureStackTrace(o); typeof o.stack",
    ok: /^string$/,
  },
  {
    name: "stack shows the script alone",
    script: js`
      Error.stackTraceLimit = 100;
      const s = [
        new Error().stack,
        (() => {
          try {
            null.x;
          } catch (e) {
            return e.stack;
          }
        })(),
        (() => {
          try {
            k8s.coreV1().pods().get();
          } catch (e) {
            return e.stack;
          }
        })(),
      ].join("\\n");
      /file:|node:|ext:|data:|\\.ts|kubecode|worker/.test(s) ? s : "clean";
    `,
    ok: /^clean$/,
  },
  {
    name: "stack overflow",
    script: "(function f(){ f() })()",
    error: /Maximum call stack/,
  },
  {
    name: "stack overflow within the SDK",
    script: js`
      let depth = 0;
      function dive() {
        try {
          depth++;
          return dive();
        } catch (e) {
          try {
            ${get};
          } catch (inner) {
            return typeof inner.constructor.constructor === "function" && (() => {
              try {
                return inner.constructor.constructor("return typeof Deno")();
              } catch (e) {
                return "refused";
              }
            })();
          }
          return "none";
        }
      }
      dive();
    `,
    ok: /refused|none|undefined/,
  },
  {
    name: "constructor of an SDK function",
    script:
      `let r="none"; try { const f = k8s.coreV1; r = f.constructor("return typeof Deno")() } catch (e) { r = e.message } r`,
    ok: NO_CODE,
  },
  {
    name: "constructor of the guide's functions",
    script: js`
      [help, explain, apiResources].map((f) => {
        try {
          return f.constructor("return Deno")();
        } catch (e) {
          return e.message;
        }
      }).join();
    `,
    ok: NO_CODE,
  },
  {
    name: "constructor of an SDK object",
    script: `try { k8s.constructor.constructor("return Deno")() } catch (e) { e.message }`,
    ok: /disallowed|undefined/,
  },
  {
    name: "constructor of an answer",
    script: js`
      const v = ${get};
      [
        v.constructor === Object,
        Object.getPrototypeOf(v) === Object.prototype,
        v.data.constructor === Object,
      ];
    `,
    ok: /^\[true,true,true\]$/,
  },
  {
    name: "constructor of an SDK error",
    script: js`
      try {
        k8s.coreV1().pods("shop").get("nope");
      } catch (e) {
        [
          e instanceof Error,
          e.constructor === Error,
          Object.getPrototypeOf(e) === Error.prototype,
        ];
      }
    `,
    ok: /^\[true,true,true\]$/,
  },
  {
    name: "constructor of a promise of the SDK",
    script: js`
      const p = k8s.coreV1().pods("shop").list();
      const c = p.then.constructor;
      await p;
      try {
        c("return Deno")();
      } catch (e) {
        e.message;
      }
    `,
    ok: /disallowed/,
  },
  {
    name: "host functions through a poisoned setter",
    script: js`
      let seen = 0;
      for (const k of ["send", "wait", "part", "text", "bytes", "finish", "log", "0", "1", "2"]) {
        try {
          Object.defineProperty(Object.prototype, k, {
            configurable: true,
            set(v) {
              if (typeof v === "function") seen++;
            },
            get() {
              return undefined;
            },
          });
        } catch {}
      }
      ${get};
      console.log("x");
      seen;
    `,
    ok: /^0/,
  },
  {
    name: "host bytes through a replaced method",
    script: js`
      let leaked = "none";
      const own = Object.getPrototypeOf(Uint8Array.prototype);
      try {
        Object.defineProperty(own, "set", {
          value(a) {
            leaked = a.constructor === Uint8Array ? "own" : "host";
          },
        });
      } catch {}
      const pod = k8s.coreV1().pods("shop").list().items[0];
      try {
        k8s.coreV1().pods("shop").getLogs(pod.metadata.name);
      } catch {}
      leaked;
    `,
    ok: /^none$/,
  },
  {
    name: "built-ins poisoned",
    script: js`
      JSON.stringify = () => {
        throw 1;
      };
      Promise.prototype.then = function () {
        throw 2;
      };
      Array.prototype.push = null;
      Object.prototype.toJSON = () => "pwn";
      String.prototype.split = null;
      "still works";
    `,
    ok: /^(still works|pwn)$/,
  },
  {
    name: "iterators poisoned",
    script:
      `Array.prototype[Symbol.iterator] = function* () { yield "pwn" }; Map.prototype.get = () => "pwn"; ${get}.metadata.name`,
    ok: /^shop-config$/,
    // A script that breaks the iterator of lists breaks its own SDK.
    error: /is not a function|not iterable/,
  },
  {
    name: "Reflect and Proxy poisoned",
    script: js`
      Reflect.apply = Reflect.get = () => "pwn";
      globalThis.Proxy = null;
      Function.prototype.call = Function.prototype.apply = () => "pwn";
      ${get}.metadata.name;
    `,
    ok: /^shop-config$/,
  },
  {
    name: "valueOf and toString as arguments",
    script:
      `try { k8s.coreV1().pods({ toString() { return "shop" } }).list() } catch (e) { e.message }`,
    ok: /no string/,
  },
  {
    name: "k8s replaced",
    script: "try { globalThis.k8s = null } catch {} ; typeof k8s",
    ok: /^object$/,
  },
  { name: "undefined function", script: "__p(); 1", error: /__p is not defined/ },
  { name: "debugger", script: "debugger; 1", ok: /^1$/ },
  { name: "with", script: "with ({a: 1}) { a }", ok: /^1$/ },
  {
    name: "__proto__ in a result",
    script: `JSON.parse('{"__proto__": {"polluted": 1}}')`,
    ok: /^\{"__proto__":\{"polluted":1\}\}$/,
  },
  {
    name: "Symbol.toPrimitive of what is thrown",
    script: "throw { [Symbol.toPrimitive]() { throw 1 }, get message() { throw 2 } }",
    error: /cannot be read/,
  },
  {
    name: "thrown proxy",
    script:
      "throw new Proxy({}, { get() { throw 1 }, has() { throw 2 }, getPrototypeOf() { throw 3 } })",
    error: /script error/,
  },
  { name: "thrown null", script: "throw null", error: /script error/ },
  {
    name: "intl and dates tell no secrets",
    script: "typeof Intl.DateTimeFormat().resolvedOptions().timeZone",
    ok: /^string$/,
  },
];

const LIMITS: readonly AbuseCase[] = [
  {
    name: "flood of calls",
    script: js`
      let failed = 0;
      for (let i = 0; i < 2000; i++) {
        try {
          k8s.coreV1().configMaps("shop").get("shop-config");
        } catch (e) {
          failed++;
          if (e.name !== "LimitError") throw e;
        }
      }
      failed > 0;
    `,
    ok: /^true$/,
    timeout: 30_000,
  },
  {
    name: "flood of calls, not awaited",
    script:
      `for(let i=0;i<100000;i++) k8s.coreV1().configMaps("shop").get("x" + i).catch(() => 0); await 0; 1`,
    ok: /^1$/,
    timeout: 30_000,
  },
  {
    name: "huge argument",
    script: `k8s.coreV1().configMaps("shop").create({name: "x", data: {x: "x".repeat(5e6)}})`,
    error: /has \d+ bytes, the API server takes 3145728/,
  },
  {
    name: "flood of the console",
    script: `for(let i=0;i<1e6;i++) console.log("x".repeat(100)); 1`,
    ok: /^1\n/,
  },
  { name: "flood of empty lines", script: `for(let i=0;i<1e6;i++) console.log(""); 1`, ok: /^1/ },
  { name: "flood of timers", script: "for(;;) setTimeout(()=>{},1e6)", error: /10000 are running/ },
  { name: "huge result", script: `"x".repeat(1e8)`, ok: /^x{1000}/ },
  {
    name: "huge error",
    script: `throw new Error("x".repeat(1e7))`,
    error: /^script error: Error: x{1000}/,
  },
  {
    name: "huge name of an error",
    script: `const e = new Error("x"); e.name = "y".repeat(1e7); throw e`,
    error: /script error/,
  },
  {
    name: "string of 300 MB",
    script: `for(let i = 0; i < 3; i++) "abc".repeat(1e8).replaceAll("b","dd"); 1`,
    error: /512 MiB|sandbox ended|Invalid string length/,
    ok: /^1$/,
    timeout: 20_000,
  },
];

const HARMLESS: readonly AbuseCase[] = [
  {
    name: "unknown verb",
    script: `k8s.coreV1().pods("shop").deleteEverything()`,
    error: /is not a function/,
  },
  {
    name: "unhandled rejection",
    script: `Promise.reject(new Error("unh")); await new Promise(r => setTimeout(r, 50)); "alive"`,
    ok: /^alive/,
  },
  { name: "thenable as result", script: "({ then(r) { r(7) } })", ok: /^(7|\{\})$/ },
  { name: "object as last expression", script: "({a: 1, b: [2]})", ok: /^\{"a":1,"b":\[2\]\}$/ },
  { name: "comma as last expression", script: "(1, 2);", ok: /^2$/ },
  { name: "circular result", script: "const a = {}; a.b = [a]; a", ok: /Circular/ },
  {
    name: "deeply nested result",
    script: "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a",
    error: /script error|call stack/,
  },
  {
    name: "deeply nested script",
    script: "[".repeat(50_000) + "]".repeat(50_000),
    error: /nested too deeply|call stack|stack space/,
  },
  { name: "symbol as result", script: "Symbol('x')", ok: /^\(no value/ },
  { name: "function as result", script: "() => 1", ok: /^\(no value/ },
  { name: "bigint as result", script: "12345678901234567890n", ok: /^12345678901234567890$/ },
];

/** Names that try to reach something else than they name. */
const PATHS: readonly AbuseCase[] = [
  {
    name: "path in a name",
    script: `k8s.coreV1().configMaps("shop").get("../secrets/db-credentials")`,
    error: /Cannot use/,
  },
  {
    name: "path in a namespace",
    script: `k8s.coreV1().configMaps("shop/secrets").list()`,
    error: /Cannot use/,
  },
  {
    name: "encoded path in a name",
    script: `k8s.coreV1().configMaps("shop").get("x%2f..%2fsecrets")`,
    error: /Cannot use/,
  },
  {
    name: "path in a resource",
    script:
      `k8s.dynamicClient().resource({group:"",version:"v1",resource:"configmaps/../secrets"}).list()`,
    error: /Cannot resolve/,
  },
  {
    name: "path in a version",
    script:
      `k8s.dynamicClient().resource({group:"",version:"v1/secrets/..",resource:"configmaps"}).list()`,
    error: /Cannot resolve/,
  },
  {
    name: "query in a name",
    script: `k8s.coreV1().configMaps("shop").get("x?watch=true#")`,
    error: /not found/,
  },
  {
    name: "path in an explanation",
    script: js`
      ["../version", "pods/../../api/v1/secrets", "v1/secrets/../pods", "pods?x=1", "api/v1#"]
        .map((p) => {
          try {
            return explain(p);
          } catch (e) {
            return e.name;
          }
        }).join();
    `,
    ok: /^(ResolveError,?|InputError,?){5}$/,
  },
  {
    name: "path in the group of an explanation",
    script: `explain("pods", {group: "../../api", version: "v1/secrets"})`,
    error: /Cannot resolve/,
  },
  {
    name: "no text for an explanation",
    script: js`
      [{}, [], { toString: () => "pods" }, "x".repeat(5000), ""].map((p) => {
        try {
          return explain(p);
        } catch (e) {
          return e.name;
        }
      }).join();
    `,
    ok: /^(InputError,?){5}$/,
  },
  {
    name: "options of an explanation that are no numbers",
    script: `explain("pods", {limitCharacters: { toJSON: () => "1e9" }})`,
    error: /Cannot use the call: limitCharacters/,
  },
  {
    name: "line break in a name",
    script: `k8s.coreV1().configMaps("shop").get("x\\r\\nHost: evil")`,
    error: /not found|Cannot|invalid/i,
  },
  {
    name: "a subresource as third argument",
    script: `k8s.coreV1().pods("shop").get("x", {}, "exec")`,
    error: /does not give access|Cannot/,
  },
  ...([
    ["a command", `.exec("redis-0", ["ls"])`],
    ["a command in other words", `["EXEC"](ctx, "redis-0", "ls", {container: "redis"})`],
    ["a command as a subresource", `.subresource("Exec").create("redis-0", {})`],
    ["a command as an object", `.create({name: "redis-0"}, {}, "exec")`],
    ["a command in a name", `.exec("redis-0/exec?command=ls&x=", ["ls"])`],
    ["a command in a subresource", `.subresource("exec?command=ls").get("redis-0")`],
    ["a session of another kind", `.subresource("attach").get("redis-0")`],
    ["a node for a pod", `.subresource("binding").create("redis-0", {target: {name: "n"}})`],
  ] as const).map(([name, script]) => ({
    name: `${name} in read-only`,
    script: `k8s.coreV1().pods("shop")${script}`,
    error: /PolicyError: .*(read-only|needs a rule)|does not give access|no such subresource/,
  })),
  {
    name: "a command by a poisoned list",
    script: `Array.prototype.toJSON = () => 5; Object.prototype.op = "exec";
      k8s.coreV1().pods("shop").exec("redis-0", ["ls"])`,
    error: /Cannot use the call|read-only/,
  },
  {
    name: "an expression that takes for ever over a log",
    script: `k8s.coreV1().pods("shop").getLogs("redis-0", {grep: /^(([^x]*)*)*x$/})`,
    timeout: 1500,
    error: /execution timeout exceeded/,
  },
  {
    name: "proxy of a service",
    script: `k8s.coreV1().services("shop").get("catalog", {}, "proxy")`,
    error: /Cannot/,
  },
  {
    name: "delete in read-only",
    script: `k8s.coreV1().pods("shop").delete("x")`,
    error: /read-only.*--read-write/s,
  },
  {
    name: "create in read-only, caught and hidden",
    script: `try { k8s.coreV1().configMaps("shop").create({name: "x"}) } catch (e) { e.name }`,
    ok: /^PolicyError$/,
  },
  {
    name: "dry run in read-only",
    script: `k8s.coreV1().configMaps("shop").create({name: "x"}, {dryRun: ["All"]})`,
    error: /read-only/,
  },
];

/** Escapes that worked once. */
const ONCE_OPEN: readonly AbuseCase[] = [
  {
    name: "host through an accessor on Object.prototype",
    script: js`
      let leaked;
      try {
        Object.defineProperty(Object.prototype, "body", {
          configurable: true,
          get() {
            if (this?.decoder) {
              const d = this.decoder, old = d.add;
              d.add = (h) => {
                leaked = h;
                return old.call(d, h);
              };
            }
          },
        });
      } catch {}
      k8s.coreV1().configMaps("shop").get("shop-config");
      delete Object.prototype.body;
      try {
        leaked.send("x", Symbol());
      } catch (e) {
        try {
          e.constructor.constructor("return typeof Deno")();
        } catch (inner) {
          inner.message;
        }
      }
    `,
    ok: NO_CODE,
  },
  {
    name: "host through descriptors and records with poisoned prototypes",
    script: js`
      const seen = [];
      for (
        const key of [
          "get",
          "set",
          "body",
          "methods",
          "awaited",
          "settle",
          "decoder",
          "then",
          "0",
          "1",
        ]
      ) {
        Object.defineProperty(Object.prototype, key, {
          configurable: true,
          get() {
            if (this && typeof this === "object" && ("decoder" in this || "spec" in this)) {
              seen.push(key);
            }
            return undefined;
          },
          set(v) {},
        });
      }
      try {
        k8s.coreV1().configMaps("shop").get("shop-config");
      } catch {}
      for (
        const key of [
          "get",
          "set",
          "body",
          "methods",
          "awaited",
          "settle",
          "decoder",
          "then",
          "0",
          "1",
        ]
      ) delete Object.prototype[key];
      seen.length;
    `,
    ok: /^0$/,
    // With a poisoned prototype property descriptors of the script's own engine calls may fail.
    error: /TypeError/,
  },
  {
    name: "error of the host by a stack that overflows within it",
    script: js`
      let n = 0;
      const seen = new Set();
      function dive() {
        try {
          dive();
        } catch {}
        if (++n > 600) return;
        for (
          const f of [() => setTimeout(() => {}, 1e6), () =>
            console.log("x"), () =>
            clearTimeout(1)]
        ) {
          try {
            f();
          } catch (e) {
            try {
              seen.add("code " + e.constructor.constructor("return typeof Deno")());
            } catch (x) {
              seen.add(x.message);
            }
          }
        }
      }
      dive();
      [...seen].filter((s) => /^code/.test(s)).length;
    `,
    ok: /^0/,
  },
  {
    name: "object for text by a replaced decodeURIComponent",
    script: js`
      let turn = 0;
      globalThis.decodeURIComponent = () => ({
        toString() {
          return turn++ ? {} : "{}";
        },
      });
      try {
        k8s.coreV1().configMaps("shop").patch("shop-config", "merge", [1]);
      } catch (e) {
        try {
          e.constructor.constructor("return typeof Deno")();
        } catch (x) {
          x.message;
        }
      }
    `,
    ok: /disallowed/,
  },
  {
    name: "object for a number by a replaced Number",
    script: js`
      let turn = 0;
      globalThis.Number = () => ({
        valueOf() {
          return turn++ ? 1n : 1;
        },
      });
      try {
        setTimeout(() => {}, 5);
        "held";
      } catch (e) {
        try {
          e.constructor.constructor("return typeof Deno")();
        } catch (x) {
          x.message;
        }
      }
    `,
    ok: /held|disallowed/,
  },
  {
    name: "frames of the host by a stack within a stack",
    script: `let inner = "";
const e = new Error("x");
Object.defineProperty(e, "message", { get() { inner += new Error("in").stack; return "" } });
Object.defineProperty(e, "name", { get() { inner += new Error("in").stack; return "" } });
e.stack; /ext:|node:|data:|kubecode|worker/.test(inner + e.stack) ? inner : "clean"`,
    ok: /^clean$/,
  },
];

/** What a second parser and white space in place of types could open. */
const TYPES: readonly AbuseCase[] = ([
  ["type arguments of import", 'let a: any; import<string>("file:///etc/passwd")'],
  ["import that is not null", 'let a: any; import!("file:///etc/passwd")'],
  ["import with a comment in its type arguments", 'let a: any; import<//\n T>("node:fs")'],
  ["import in a type", 'let a: import("node:fs").Stats; 1'],
  ["import equals", 'let a: any; import fs = require("node:fs"); fs'],
  ["import of types", 'let a: any; import type { Stats } from "node:fs"; 1'],
  ["export", "let a: any; export default a"],
  ["end of the function that is stripped", "}; (async () => 1)(); async function b() { let a: any"],
  ["depth", `let a: ${"[".repeat(100_000)}`],
  ["depth of arguments", `let a: ${"Array<".repeat(40_000)}`],
] as const).map(([name, script]) => ({
  name: `types: ${name}`,
  script,
  error: /SyntaxError/,
}));

/** What names of contexts could open. The server of these tests has one, and allows no other. */
const CONTEXTS: readonly AbuseCase[] = ([
  ["another", 'k8s.context("kind-kind")'],
  ["a path", 'k8s.context("../../etc/passwd")'],
  ["a prototype", 'k8s.context("__proto__")'],
  ["everything", 'k8s.context("*")'],
  ["of a context", 'k8s.context("demo").context("constructor")'],
] as const).map(([name, script]) => ({
  name: `contexts: ${name}`,
  script,
  error: /PolicyError.*the one that the server runs with.*\n[\s\S]*--contexts/,
}));

/** What tables, YAML, iterations as results and our own Promise.all could open. */
const RESULTS: readonly AbuseCase[] = [
  {
    name: "results: the prototype of a function of the SDK makes no code",
    script: `const p = Object.getPrototypeOf(k8s.coreV1);
const got = [p.constructor, k8s.coreV1.constructor, Promise.all.constructor, table.constructor];
got.map(F => { try { return F("return 1")() } catch (e) { return e.message } })`,
    ok:
      /^\["Code generation[^"]*","Code generation[^"]*","Code generation[^"]*","Code generation[^"]*"\]$/,
  },
  {
    name: "results: built-ins that a script has replaced are not asked",
    script:
      `const seen = []; const spy = name => function (...a) { seen.push(name, ...a); return undefined };
WeakMap.prototype.get = spy("get"); WeakMap.prototype.set = spy("set");
Promise.resolve = spy("resolve"); Promise.prototype.then = spy("then");
RegExp.prototype.exec = spy("exec"); String.prototype.replace = spy("replace");
[table([{a: "x"}]), yaml({a: "no"}), String(k8s.coreV1.nope), seen.length]`,
    ok: /^\["a\\nx","a: \\"no\\"","undefined",0\]$/,
  },
  {
    name: "results: rows that throw, lie and refer to themselves",
    script: js`
      const loop = { a: 1 };
      loop.self = loop;
      const tries = [
        [{
          get a() {
            throw new Error("mine");
          },
        }],
        [loop],
        new Proxy([], {
          get(t, k) {
            return k === "length" ? 3 : t[k];
          },
        }),
        [
          new Proxy({}, {
            ownKeys() {
              throw 1;
            },
          }),
        ],
      ];
      tries.map((rows) => {
        try {
          return [table(rows), yaml(rows)].length;
        } catch (e) {
          return e.message ?? "thrown";
        }
      });
    `,
    ok: /^\["mine",2,\d,"thrown"\]$/,
  },
  {
    name: "results: an iteration that never ends",
    script: `(function* () { for (;;) yield 1 })()`,
    ok: /only the first 10000 were taken/,
  },
  {
    name: "results: an iteration of large texts",
    script: `(function* () { for (;;) yield "x".repeat(1e6) })()`,
    timeout: 20_000,
    error: /Invalid string length|512 MiB|sandbox ended/,
  },
  {
    name: "results: a table without end",
    script: `table({length: 1e12})`,
    timeout: 1000,
    error: /execution timeout exceeded|512 MiB|Invalid array length|sandbox ended/,
  },
  {
    name: "results: depth",
    script: `let a = []; for (let i = 0; i < 1e5; i++) a = [a]; yaml(a)`,
    error: /Maximum call stack/,
  },
  {
    name: "results: failures without end are told within bounds",
    script:
      `await Promise.all(Array.from({length: 1e4}, (_, i) => Promise.reject(new Error("x".repeat(1e3) + i))))`,
    timeout: 20_000,
    error: /also failed[\s\S]*and 45 more failed/,
  },
  {
    // What Deno keeps of rejections is searched again at each that is handled: it may take too long.
    name: "results: a hundred thousand failures are told, or end by the time-out",
    script:
      `await Promise.all(Array.from({length: 1e5}, (_, i) => Promise.reject(new Error("x".repeat(1e3) + i))))`,
    timeout: 20_000,
    error: /execution timeout exceeded|also failed[\s\S]*and 45 more failed/,
  },
];

/** All cases. */
export const ABUSE_CASES: readonly AbuseCase[] = [
  ...ENDLESS,
  ...MEMORY_CASES,
  ...ESCAPES,
  ...ONCE_OPEN,
  ...LIMITS,
  ...HARMLESS,
  ...PATHS,
  ...TYPES,
  ...CONTEXTS,
  {
    name: "contexts: 100,000",
    script: 'let n = 0; for (;;) try { k8s.context("c" + n++) } catch (e) { if (n > 1e5) throw e }',
    error: /a script may make 500/,
  },
  ...RESULTS,
];
