/** What is the same for all stages of one request. Types only. */
import type { KubeClient } from "../kube/client.ts";
import type { Policy } from "../policy/types.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { RequestFacts } from "./audit_trail.ts";
import type { KeptLists } from "./lists/types.ts";
import type { Pause } from "./pauses.ts";
import type { Origin } from "./types.ts";

/** Who asks, where, under which policy. */
export interface Scope {
  readonly origin: Origin;
  readonly policy: Policy;
  readonly kube: KubeClient;
  /** The context, where the call names one. */
  readonly context: string | undefined;
  /** Objects of the answer keep their managed fields. */
  readonly managedFields: boolean;
  readonly redactor: Redactor;
  readonly pause: Pause;
  /** Lists that were shown before; undefined where none are kept. */
  readonly lists?: KeptLists;
  /** What the audit will tell. */
  readonly facts: RequestFacts;
  readonly signal: AbortSignal;
}
