/** What the functions of the SDK are made from. Types only. */
import type { NamedResource } from "../../../broker/types.ts";
import type { CallSpec, Decoder } from "../calls/types.ts";
import type { Caller } from "../calls/caller.ts";
import type { LogTexts } from "./log_text.ts";

/** What the functions of the SDK are made from, for one script. */
export interface SdkParts {
  readonly caller: Caller;
  readonly ctx: object;
  /** Namespace of the context. */
  readonly namespace: string;
  /** How a script writes the object that they are found on: `k8s`, `k8s.context("staging")`. */
  readonly label: string;
  /** What errors add to their message, so that it names the context; "" for the current one. */
  readonly where: string;
  readonly logs: LogTexts;
  /** One line for whoever reads the result. */
  warn(text: string): void;
  /** Changes are tried out, not made: nothing comes of waiting for them. */
  readonly trial: boolean;
  /** When the script ends, in milliseconds since the epoch. */
  readonly deadline: number;
  /** What its own changes take for now, in milliseconds since the epoch. */
  now(): number;
}

/** One resource of one group and version, in one namespace or (undefined or "") in all. */
export interface ResourceScope {
  readonly group: string;
  readonly version: string;
  readonly resource: NamedResource;
  /** Groups that have a resource of that name too, where the script has said none. */
  readonly others?: readonly string[];
  readonly namespace?: string;
  /** "" (or an undefined value) was given for the namespace: all of them. */
  readonly all?: boolean;
}

/** What verbs of a resource are made with. */
export interface VerbTools {
  readonly parts: SdkParts;
  readonly scope: ResourceScope;
  /** Where an object lives: the namespace chosen, the object's own, or the context's. */
  home(own?: string): string | undefined;
  /** Where a list looks: the namespace chosen or the context's; undefined for all. */
  reach(): string | undefined;
  /** A call on the resource. */
  spec(
    header: { readonly verb: string; readonly [field: string]: unknown },
    decoder: Decoder,
    body?: string,
  ): CallSpec;
  /**
   * A function that makes one call of its arguments, a leading ctx left out.
   *
   * @param named how many strings, the object's name first, the method begins with
   */
  verb(named: number, make: (args: unknown[]) => CallSpec): (...args: unknown[]) => unknown;
  /** A name that was given; throws where it is none. */
  nameOf(value: unknown, method: string): string;
}
