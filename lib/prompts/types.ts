/** A prompt is data: name, arguments, and its text as a function of both and of what is offered. */
import type { Broker } from "../broker/types.ts";
import type { Mode } from "../policy/types.ts";

/** The tools by which a text has objects read. */
export type Road = "scripts" | "kubectl" | "resources" | "guarded";

/** What a server offers, as far as a prompt's text depends on it. */
export interface Here {
  /** Undefined: no tool reads objects. */
  readonly road: Road | undefined;
  readonly mode: Mode;
  /** The context that is meant, where it is not the server's own; only scripts reach one. */
  readonly context?: string;
  /** Whether a tool is in the list that the client gets. */
  offers(tool: string): boolean;
}

/** The cluster that arguments are looked up in, for whoever asks. */
export interface Lookup {
  readonly broker: Broker;
  readonly signal: AbortSignal;
  readonly context?: string;
  /** Only the guarded tools are offered: nothing is told that they would not tell. */
  readonly guarded: boolean;
}

/** The other arguments as they are written, those that are left out by what stands for them. */
export type Written = Readonly<Record<string, string>>;

/** One argument of a prompt; a client sends all of them as text. */
export interface Argument<Value = string> {
  /** Every word is paid for by some clients in each conversation. */
  readonly description: string;
  readonly required?: true;
  /** What stands for it where it is left out or empty. */
  readonly default?: string;
  /** @throws {InputError} what cannot be used, without the argument's name */
  read(text: string, lookup: Lookup): Value | Promise<Value>;
  /** Values that it may have, in any order; left out: nobody knows. */
  complete?(written: Written, lookup: Lookup): Promise<readonly string[]>;
}

/** Arguments by name, in the order in which clients ask for them. */
export type Arguments = Readonly<Record<string, Argument<unknown>>>;

/** The values of arguments. */
export type Values<Of extends Arguments> = {
  readonly [Name in keyof Of]: Awaited<ReturnType<Of[Name]["read"]>>;
};

/** One prompt. */
export interface Prompt<Of extends Arguments = Arguments> {
  readonly name: string;
  readonly description: string;
  readonly arguments: Of;
  /** Its paragraphs, for a model. */
  text(given: Values<Of>, here: Here): readonly string[];
}

/** The prompt of a definition, whose text knows its arguments' types. */
export function definePrompt<const Of extends Arguments>(prompt: Prompt<Of>): Prompt {
  // A prompt's text is only called with what its own arguments have read.
  return prompt as unknown as Prompt;
}
