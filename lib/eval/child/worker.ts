/**
 * The worker: no permissions, and a fresh realm for each script. It stands between the realm and the
 * child's main thread. With its script a realm loses its functions: what is left of it can neither act
 * nor be called.
 *
 * Bundled into one text (with the realm's inside) and started from a data: URL, which works in every
 * way of running: from source, from a URL, compiled.
 */
import type { MessagePort as NodePort } from "node:worker_threads";
import { createAnswers } from "./answers.ts";
import { type InitMessage, LOOK, type WorkerInput, type WorkerScope } from "./messages.ts";
import { giveUpPowers } from "../../sandbox/child/powers.ts";
import { createScriptRealm, type ScriptRealm } from "./script_realm.ts";

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data }) => {
  const { port, counter } = data as InitMessage;
  let current: ScriptRealm | undefined;
  const answers = createAnswers(port as unknown as NodePort, new Int32Array(counter));
  const calls = { count: 0 };
  const next = () => {
    answers.forget(calls.count);
    current = createScriptRealm(answers, calls, (isClean) => {
      current = undefined;
      // A turn of the event loop later nothing of the script is left to run: unless it never ends.
      if (isClean) setTimeout(next, 0);
      else scope.postMessage({ kind: "spent" });
    });
    scope.postMessage({ kind: "ready" });
  };

  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    current?.unhandled(event);
  });
  // Each message on the port is followed by one here, which wakes a worker that does not block.
  scope.onmessage = ({ data }) => {
    const input = data as WorkerInput;
    if (input !== LOOK) return current?.run(input);
    for (const id of answers.receive()) current?.answered(id);
  };

  // The first timer of a thread costs some milliseconds: spent before there is a script.
  clearTimeout(setTimeout(() => {}, 0));
  giveUpPowers();
  next();
};
