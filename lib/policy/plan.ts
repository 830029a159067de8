/** What a run would change, and what of it a person has said yes to. No input, no output. */
import { createHash } from "node:crypto";
import { PolicyError } from "../errors.ts";
import { isCut } from "./diff.ts";
import type { Verb } from "../kube/types.ts";
import { isRecord } from "../std/json.ts";

/** One change that a plan holds. */
export interface PlannedChange {
  /** `update deployments.apps shop/web`. */
  readonly what: string;
  /** What differs, one line a field. */
  readonly lines: readonly string[];
  /** By which the very same change is known again. */
  readonly fingerprint: string;
  /** Which state of the object was looked at; left out where there was none. */
  readonly seen?: string;
  /** Whether the policy wants a person's yes to it. */
  readonly asks: boolean;
  /** It cannot be tried out: where a trial fails after it, that may be why. */
  readonly untried?: true;
}

/** Changes in the order in which a run would make them. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  /** Milliseconds since the epoch; the approved run takes it for the time of its own changes. */
  readonly startedAt: number;
  add(change: PlannedChange): void;
}

/** Starts a plan with nothing in it. */
export function createPlan(startedAt: number): Plan {
  const changes: PlannedChange[] = [];
  return { changes, startedAt, add: (change) => void changes.push(change) };
}

/** Whether a trial may have failed only because its last change could not be tried out. */
export function endsUntried({ changes }: Plan): boolean {
  return changes.at(-1)?.untried === true;
}

/** What may be done of a plan that a person has said yes to: each change once. */
export interface Approval {
  readonly startedAt: number;
  /**
   * The planned change that is about to be made; it is used up.
   *
   * @throws {PolicyError} there is no such change (left) in the plan; from then on none may be made
   */
  take(change: { readonly fingerprint: string; readonly what: string }): PlannedChange;
  /** A change that was taken and not made after all. */
  putBack(change: PlannedChange): void;
  /** Objects that this run has changed. */
  readonly touched: Set<string>;
  /** The changes that have not been made. */
  left(): readonly PlannedChange[];
}

/** The approval of a whole plan. */
export function approvalOf(plan: Plan): Approval {
  const left = [...plan.changes];
  let stopped: string | undefined;
  return {
    startedAt: plan.startedAt,
    left: () => left,
    touched: new Set(),
    putBack: (change) => void left.push(change),
    take({ fingerprint, what }) {
      const at = left.findIndex((change) => change.fingerprint === fingerprint);
      if (stopped === undefined && at < 0) stopped = what;
      if (stopped !== undefined) {
        throw new PolicyError(
          stopped === what
            ? `Cannot ${what}: this very change was not in the plan that was approved`
            : `Cannot ${what}: the run has left its plan (with: ${stopped})`,
          {
            hint:
              "Make the changes depend on nothing that differs from run to run (time, chance, " +
              "what others change), or ask again.",
          },
        );
      }
      return left.splice(at, 1)[0] as PlannedChange;
    },
  };
}

/** All that makes a change the one that it is. */
export interface ChangeFacts {
  readonly context?: string;
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly contentType?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** The object, patch or command, parsed; as text where it cannot be parsed. */
  readonly body?: unknown;
}

/**
 * The same for the same change only: every part of it counts, but for `metadata.resourceVersion` of
 * an object, which others move, and the order of keys.
 */
export function fingerprintOf(facts: ChangeFacts): string {
  return createHash("sha256").update(JSON.stringify(ordered(withoutVersion(facts)))).digest("hex");
}

function withoutVersion(facts: ChangeFacts): ChangeFacts {
  const { body } = facts;
  if (Array.isArray(body)) {
    const tests = ({ op, path }: { op?: unknown; path?: unknown }) =>
      op === "test" && path === "/metadata/resourceVersion";
    return { ...facts, body: body.filter((one) => !(isRecord(one) && tests(one))) };
  }
  if (!isRecord(body) || !isRecord(body.metadata)) return facts;
  const { resourceVersion: _, ...metadata } = body.metadata;
  return { ...facts, body: { ...body, metadata } };
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isRecord(value)) return value;
  // Pairs and not an object: no key of it can be lost on a prototype.
  return { pairs: Object.keys(value).sort().map((key) => [key, ordered(value[key])]) };
}

/** Changes that one plan may have: a person has to read them. */
export const PLAN_CHANGES = 100;
/** Limits of the plan's text: lines of one change, characters of the whole. */
const CHANGE_LINES = 60;
const PLAN_CHARACTERS = 12_000;

/**
 * A plan as a person or a model reads it. What is left out for length is said in the first line:
 * nobody is to take a part for the whole.
 */
export function planText(plan: Plan): string {
  const parts: string[] = [];
  let room = PLAN_CHARACTERS;
  let hidden = 0;
  let cut = 0;
  for (const { what, lines } of plan.changes) {
    const shown: string[] = [];
    for (const line of lines) {
      if (shown.length >= CHANGE_LINES || room < line.length) break;
      shown.push(`    ${line}`);
      if (isCut(line)) cut += 1;
      room -= line.length + 5;
    }
    hidden += lines.length - shown.length;
    room -= what.length + 3;
    const rest = lines.length - shown.length;
    parts.push(
      [`- ${what}`, ...shown, ...(rest > 0 ? [`    … ${rest} more lines`] : [])].join("\n"),
    );
  }
  const count = plan.changes.length;
  const head = count === 0
    ? "No changes."
    : `${count === 1 ? "1 change" : `${count} changes`}${
      hidden > 0 || cut > 0
        ? ` (NOT ALL IS SHOWN: ${
          [hidden > 0 ? `${hidden} lines are left out` : "", cut > 0 ? `${cut} are cut` : ""]
            .filter((part) => part).join(", ")
        })`
        : ""
    }:`;
  return [head, ...parts].join("\n");
}
