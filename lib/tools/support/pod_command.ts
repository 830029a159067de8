/** A command in a pod, from the payload of a call. */
import { z } from "zod";
import type { Broker } from "../../broker/types.ts";
import { InputError } from "../../errors.ts";
import { jsonAnswer } from "./answer.ts";
import { askJson } from "./ask.ts";
import { argumentsOf, wholeNumber } from "./arguments.ts";
import type { ToolResult } from "../types.ts";

const DEFAULT_SECONDS = 15;
const MAX_SECONDS = 60;

const PAYLOAD = argumentsOf({
  command: z.array(z.string(), "must be a list of strings: a program and its arguments")
    .min(1, "must name a program"),
  container: z.string().optional(),
  timeout: wholeNumber(1).default(DEFAULT_SECONDS),
});

/**
 * Runs a command and answers its stdout, its stderr and its exit code.
 *
 * @throws {InputError} a payload that is none
 */
export async function runInPod(
  broker: Broker,
  pod: { readonly namespace: string; readonly name: string },
  given: {
    readonly request_payload: unknown;
    readonly request_options?: Readonly<Record<string, unknown>>;
  },
  signal: AbortSignal,
): Promise<ToolResult> {
  const parsed = PAYLOAD.safeParse(given.request_payload);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) =>
      [...path.map(String), message].join(": ")
    );
    throw new InputError(`Cannot use request_payload: ${faults.join("; ")}`);
  }
  if (Object.keys(given.request_options ?? {}).length > 0) {
    throw new InputError("Cannot use request_options with exec: all goes into request_payload");
  }
  const { command, container, timeout } = parsed.data;
  const call = {
    op: "exec",
    ...pod,
    command,
    ...(container ? { container } : {}),
    timeoutMs: Math.min(timeout, MAX_SECONDS) * 1000,
  } as const;
  return jsonAnswer(await askJson(broker, call, { signal }));
}
