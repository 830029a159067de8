/** The calls of one script that are under way: sent, filled part by part, and taken or failed. */
import type { AnswerError, AnswerHeader } from "../../protocol.ts";
import { callError, fillError } from "../base/errors.ts";
import type { Host } from "../base/host.ts";
import type { Call, CallSpec } from "./types.ts";

/** What a script may send. */
export interface CallLimits {
  readonly calls: number;
  readonly argumentBytes: number;
}

/** The calls of one script. */
export interface OpenCalls {
  /** Those that are not answered yet, by their number. */
  readonly open: Map<number, Call>;
  /** Those that have failed, whether anybody knows of it or not. */
  readonly failed: Call[];
  /** Sends a call: its number, and the error that it may come to, made where the call stands. */
  send(spec: CallSpec, error?: Error): { readonly id: number; readonly error: Error };
  /** Sends a call that is answered once, or page by page. */
  start(spec: CallSpec, error?: Error): Call;
  /** Takes what has come of a call. */
  pull(call: Call): void;
}

/** Makes the (empty) record of a script's calls. */
export function createOpenCalls(host: Host, limits: CallLimits): OpenCalls {
  const open = new Map<number, Call>();
  const failed: Call[] = [];
  let exhausted: Error | undefined;

  function send(spec: CallSpec, error = callError()) {
    if (exhausted) throw exhausted;
    const id = host.send(JSON.stringify(spec.header), spec.body ?? "");
    if (id > 0) return { id, error };
    const refused = fillError(error, refusal(id, spec, limits));
    // One error for all calls too many: a script that goes on making them fills no memory.
    if (id === 0) exhausted = refused;
    throw refused;
  }

  function pull(call: Call): void {
    while (call.state === "open") {
      const text = host.part(call.id);
      if (text === "") return;
      const header = JSON.parse(text) as AnswerHeader;
      try {
        if (header.form === "error") return close(call, header.error);
        call.spec.decoder.add(host, header);
        if (!header.more) close(call);
      } catch (error) {
        close(call, {
          name: "ApiError",
          message: `Cannot read the API server's answer: ${String(error)}`,
        });
      }
    }
  }

  function close(call: Call, error?: AnswerError): void {
    open.delete(call.id);
    if (error) {
      fillError(call.error, error);
      call.state = "failed";
      failed.push(call);
    } else {
      call.value = call.spec.decoder.end();
      call.state = "done";
    }
    call.settle?.();
  }

  return {
    open,
    failed,
    send,
    pull,
    start(spec, given) {
      const { id, error } = send(spec, given);
      const call: Call = {
        id,
        spec,
        error,
        state: "open",
        observed: false,
        value: undefined,
        settle: undefined,
        progress() {
          host.wait(id);
          pull(call);
        },
      };
      open.set(id, call);
      return call;
    },
  };
}

/** Why a call was not sent. @param id what the host gave in place of a number */
function refusal(id: number, { body }: CallSpec, { calls, argumentBytes }: CallLimits) {
  const name = "LimitError";
  if (id === 0) {
    return {
      name,
      message: `Cannot make another call: a script may make ${calls}`,
      hint: "List once and filter in the script instead of getting objects one by one.",
    };
  }
  return {
    name,
    message: body === undefined || id === -1
      ? "Cannot make the call: its names and options are too long"
      : `Cannot send the object: it has ${-id} bytes, the API server takes ${argumentBytes}`,
    hint: "Split it into several objects, or leave out what is not needed.",
  };
}

/** The call's value, waited for; throws its error. */
export function take(call: Call): unknown {
  call.observed = true;
  while (call.state === "open") call.progress();
  if (call.state === "failed") throw call.error;
  return call.value;
}

/** A promise of the call's value. Whoever waits for it does not count as having observed it. */
export function promiseOf(call: Call): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call.settle = () => call.state === "failed" ? reject(call.error) : resolve(call.value);
    if (call.state !== "open") call.settle();
  });
}
