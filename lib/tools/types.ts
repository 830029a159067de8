/** A tool is data: name, schema, annotations, run. Types only. */
import type { z } from "npm:zod@4.6.7";

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
  /** Throws an error of the family in `lib/errors.ts` for what goes wrong. */
  run(input: Input, call: ToolCall): Promise<ToolResult>;
}

/** One call of a tool. */
export interface ToolCall {
  /** Aborts when the client cancels or goes away. */
  readonly signal: AbortSignal;
  /** Present when the client asked for progress notifications. */
  readonly onProgress?: (
    update: { readonly progress: number; readonly total?: number; readonly message?: string },
  ) => void;
}

/** What a tool answers: text for the model. */
export interface ToolResult {
  /** Each becomes a text content block. */
  readonly text: readonly string[];
  readonly isError?: boolean;
}
