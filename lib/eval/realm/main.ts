/**
 * What runs first in a fresh realm: locks errors, takes away what a script must not have, freezes the
 * built-ins, and hands the worker the hooks by which it runs one script. Bundled into one text,
 * evaluated in the realm.
 */
import { lockErrors, setPlaces } from "./base/errors.ts";
import { keepDigits, noteLiterals } from "./base/exact_numbers.ts";
import { freezeBuiltIns } from "./base/frozen_built_ins.ts";
import { guardHost } from "./base/guard.ts";
import type { Host, RealmHooks, StartParams } from "./base/host.ts";
import { createCaller } from "./calls/caller.ts";
import { keepFailures } from "./calls/promise_all.ts";
import { createConsole, createContext, createTimers } from "./globals/globals.ts";
import { learntNames } from "./globals/learnt_names.ts";
import { createScriptEnd, type Running } from "./script_end.ts";
import { createSdk } from "./sdk/sdk.ts";
import { atob, btoa } from "./values/base64.ts";
import { quantity } from "./values/quantity.ts";
import { tableText } from "./values/table.ts";
import { x509 } from "./values/x509.ts";
import { yamlText } from "./values/yaml.ts";
import { createLogTexts } from "./verbs/log_text.ts";
import type { SdkParts } from "./verbs/sdk_types.ts";
import { defineLazily, webGlobals, type WebName } from "./web/lazy_globals.ts";
import type { GlobalName } from "../../sdk_guide/globals.ts";

/** Globals that share memory, compile code, or watch the garbage collector. */
const REMOVED = ["WebAssembly", "SharedArrayBuffer", "Atomics", "FinalizationRegistry", "WeakRef"];

/**
 * Puts the realm together; called by the worker with its {@linkcode Host}.
 *
 * @param areMethodsBare what a realm before this one has found, see {@linkcode freezeBuiltIns}
 */
export function install(outside: Host, areMethodsBare: boolean): RealmHooks {
  const host = guardHost(outside);
  const logs = createLogTexts();
  const areBare = prepareBuiltIns(areMethodsBare);
  const timers = createTimers(host);
  let running: Running | undefined;
  const end = createScriptEnd(host, () => running);

  /** What goes wrong in a hook ends the script. */
  function guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      end.fail(error);
    }
  }

  return {
    areMethodsBare: areBare,
    start(text) {
      const params = JSON.parse(text) as StartParams;
      const { resultCharacters, noValue, deadline } = params;
      setPlaces(params.insertions, params.places);
      noteLiterals(params.largeIntegers);
      const caller = createCaller(host, params);
      const { globals, has } = sdkGlobals(params, {
        caller,
        ctx: createContext(deadline, timers.globals.setTimeout),
        logs,
        warn: warnOnce(host),
      });
      running = { caller, resultCharacters, noValue, deadline, has };
      const own: Readonly<Record<Exclude<GlobalName, WebName>, unknown>> = {
        ...globals,
        console: createConsole(host),
        ...timers.globals,
      };
      defineGlobals({ ...learntNames(globals.k8s, globals.ctx), ...own });
      defineLazily(webGlobals(host, timers.globals.setTimeout));
    },
    answered(id) {
      guarded(() => running?.caller.answered(id));
      end.progressed();
    },
    fire: (timer) => guarded(() => end.fired(timer) || timers.fire(timer)),
    completed: end.succeed,
    promised: (promise) => end.promised(promise as Promise<unknown>),
    failed: end.fail,
    unhandled: end.unhandled,
  };
}

/** Lines of a script's console that are the SDK's, each once. */
function warnOnce(host: Host): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (said.has(text)) return;
    said.add(text);
    host.log("warn", text);
  };
}

/** All that is changed of the built-ins, which are frozen from here on. */
function prepareBuiltIns(areMethodsBare: boolean): boolean {
  lockErrors();
  keepFailures();
  keepDigits();
  for (const name of REMOVED) delete (globalThis as Record<string, unknown>)[name];
  return freezeBuiltIns(areMethodsBare);
}

/** The SDK, and what goes with it, under the names that scripts know. */
function sdkGlobals(
  { namespace, startedAt, deadline, trial = false }: StartParams,
  parts: Pick<SdkParts, "caller" | "ctx" | "logs" | "warn">,
) {
  const { k8s, guide, has } = createSdk({
    ...parts,
    namespace,
    label: "k8s",
    where: "",
    deadline,
    trial,
    now: () => startedAt ?? Date.now(),
  });
  const globals = {
    k8s,
    ctx: parts.ctx,
    namespace,
    namespaceOrDefault: (given: unknown) => given || namespace,
    atob,
    btoa,
    table: (rows: unknown, columns?: unknown) => tableText(rows, columns, parts.warn),
    yaml: yamlText,
    quantity,
    x509,
    ...guide,
    queueMicrotask: (callback: () => void) => void Promise.resolve().then(() => callback()),
  };
  return { globals, has };
}

function defineGlobals(globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals)) {
    const attributes = { writable: true, configurable: true, enumerable: false };
    Object.defineProperty(globalThis, name, { value, ...attributes });
  }
}
