/** What a run would change, and what of it a person has said yes to. No input, no output. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { LimitError, PolicyError } from "../errors.ts";
import type { Verb } from "../names/requests.ts";
import { isCut } from "./diff.ts";
import { isRecord } from "../std/json/unknown.ts";
import { stringifyExact } from "../std/json/exact.ts";

/** What a change does, where, and how grave it is. */
export interface ChangeSubject {
  readonly context: string;
  readonly cluster: string;
  /** Left out: the object belongs to the cluster, or all namespaces are meant. */
  readonly namespace?: string;
  /** `update`, `apply`. */
  readonly verb: string;
  /** `deployments.apps`, `pods/exec`. */
  readonly resource: string;
  /** 3: many objects go; 2: one goes, rights are given, or it cannot be tried out; 1: one changes. */
  readonly gravity: 0 | 1 | 2 | 3;
}

/** One change as it is added to a plan. */
export interface ChangeToPlan {
  /** `update deployments.apps shop/web`. */
  readonly what: string;
  readonly subject: ChangeSubject;
  /** What differs, one line a field. */
  readonly lines: readonly string[];
  /** By which the very same change is known again. */
  readonly fingerprint: string;
  /** The object that it is about; left out where it names none. */
  readonly object?: string;
  /** Which state of the object was looked at; left out where there was none. */
  readonly seen?: string;
  /** Which state it brings about; left out where that is not known before. */
  readonly outcome?: string;
  /** Whether the policy wants a person's yes to it. */
  readonly asks: boolean;
  /** An earlier change of the plan makes its object. */
  readonly isNew?: true;
  /** It cannot be tried out: where a trial fails after it, that may be why. */
  readonly untried?: true;
}

/** One change that a plan holds: of its lines, as many as are shown. */
export interface PlannedChange extends ChangeToPlan {
  /** How many lines are not shown. */
  readonly leftOut: number;
  /** How many of those that are shown have been shortened. */
  readonly cut: number;
}

/** Changes in the order in which a run would make them. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  /** Milliseconds since the epoch; the approved run takes it for the time of its own changes. */
  readonly startedAt: number;
  /** Roughly the bytes that it holds. */
  readonly bytes: number;
  /** What the trial knows of the objects that it has changed, until it has ended. */
  readonly trial: Map<string, unknown>;
  /** @throws {LimitError} the plan is full */
  add(change: ChangeToPlan): void;
}

/** Changes that one plan may have: a person has to read them. */
const PLAN_CHANGES = 100;
/** Lines of one change, and characters of a whole plan, that are kept to be shown. */
const CHANGE_LINES = 60;
const PLAN_CHARACTERS = 12_000;
/** Characters of all that a plan holds: of names and selectors nothing is left out. */
const PLAN_SIZE = 256 * 1024;

/** Starts a plan with nothing in it. */
export function createPlan(startedAt: number): Plan {
  const changes: PlannedChange[] = [];
  let room = PLAN_CHARACTERS;
  let bytes = 0;
  return {
    changes,
    startedAt,
    trial: new Map(),
    get bytes() {
      return bytes;
    },
    add(change) {
      if (changes.length >= PLAN_CHANGES || bytes > PLAN_SIZE) {
        throw new LimitError(
          changes.length >= PLAN_CHANGES
            ? `Cannot plan more than ${PLAN_CHANGES} changes at once`
            : `Cannot plan so many long names and selectors at once`,
          { hint: "Do it in several runs." },
        );
      }
      const lines: string[] = [];
      for (const line of change.lines) {
        if (lines.length >= CHANGE_LINES || room < line.length) break;
        // A copy: a part of a long text would hold all of it.
        lines.push(copied(line));
        room -= line.length + 5;
      }
      room -= change.what.length + 3;
      const planned: PlannedChange = {
        ...change,
        what: copied(change.what),
        lines,
        leftOut: change.lines.length - lines.length,
        cut: lines.filter(isCut).length,
      };
      bytes += JSON.stringify(planned).length;
      changes.push(planned);
    },
  };
}

function copied(text: string): string {
  return Buffer.from(text).toString();
}

/** Whether a trial may have failed only because its last change could not be tried out. */
export function endsUntried({ changes }: Plan): boolean {
  return changes.at(-1)?.untried === true;
}

/** What may be done of a plan that a person has said yes to: each change once. */
export interface Approval {
  readonly startedAt: number;
  /**
   * The planned change that is about to be made; it is used up. Changes of one object are made in the
   * order of the plan.
   *
   * @throws {PolicyError} there is no such change (left) in the plan; from then on none may be made
   */
  take(change: {
    readonly fingerprint: string;
    readonly what: string;
    readonly object?: string;
  }): PlannedChange;
  /** A change that was taken and not made after all. */
  putBack(change: PlannedChange): void;
  /** The changes that have not been made. */
  left(): readonly PlannedChange[];
}

/** The approval of a whole plan. */
export function approvalOf(plan: Pick<Plan, "startedAt" | "changes">): Approval {
  const left = [...plan.changes];
  let stopped: string | undefined;
  return {
    startedAt: plan.startedAt,
    left: () => left,
    putBack: (change) => void left.push(change),
    take({ fingerprint, what, object }) {
      const at = left.findIndex((change) =>
        object === undefined ? change.fingerprint === fingerprint : change.object === object
      );
      if (stopped === undefined && left[at]?.fingerprint !== fingerprint) stopped = what;
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
  return createHash("sha256").update(stringifyExact(ordered(withoutVersion(facts)))).digest("hex");
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
