/** A tool is data: name, schema, annotations, run. Types only. */
import type { z } from "zod";
import type { RateClass } from "../policy/rate_limit.ts";
import type { Origin } from "../broker/types.ts";
import type { KubecodeError } from "../errors.ts";

/** One tool, independent of the protocol that offers it. */
export interface Tool<Input = unknown> {
  readonly name: string;
  /** Every word is paid for by the user at every call. */
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly annotations: {
    readonly title: string;
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
  /** By which calls are limited. */
  readonly rate: RateClass;
  /**
   * It is there to change the cluster: a read-only server does not list it, and a call of it is
   * refused by the broker.
   */
  readonly writes?: boolean;
  /** A person is asked about its changes wherever the client can ask, whatever the policy wants. */
  readonly asks?: boolean;
  /** False: it can be called, but `tools/list` leaves it out. */
  readonly listed?: boolean;
  /** The answer to a failure, bad arguments included; left out: the message of the error. */
  failure?(error: KubecodeError): ToolResult;
  /** The answer where a person has not said yes; left out: these words. */
  refusal?(why: string): ToolResult;
  /** Throws an error of the family in `lib/errors.ts` for what goes wrong. */
  run(input: Input, call: ToolCall): Promise<ToolResult>;
}

/** One call of a tool. */
export interface ToolCall {
  /** For whatever the tool asks of a cluster; passed on as it is. */
  readonly origin: Origin;
  /** Aborts when the client cancels or goes away. */
  readonly signal: AbortSignal;
  /** Told each command that is run, without secrets, for the audit. */
  readonly onCommand?: (command: string) => void;
  /** Present when the client asked for progress notifications. */
  readonly onProgress?: (
    update: { readonly progress: number; readonly total?: number; readonly message?: string },
  ) => void;
}

/** What a tool answers: text for the model. */
export interface ToolResult {
  /** Each becomes a text content block. */
  readonly text: readonly string[];
  /** The same as data, for clients that read that (`structuredContent`); notes are added to it. */
  readonly structured?: Readonly<Record<string, unknown>>;
  readonly isError?: boolean;
}
