/** Children that have run a script to a clean end: each waits for the next one of its session. */
import { KEPT_BYTES } from "../frames.ts";
import { residentBytes, type Sandbox } from "./child.ts";

/** Scripts and milliseconds after which a child is replaced, whatever it says of itself. */
const SCRIPTS = 100;
const AGE_MS = 10 * 60_000;
/** How long a child may take to be ready again: a few milliseconds are usual. */
const AGAIN_MS = 500;

/** Keeps children for their sessions. */
export interface KeptChildren {
  /** The child that was kept last for a session, and is its own from now on; undefined without one. */
  take(session: string): Promise<Sandbox | undefined>;
  /**
   * Keeps a child for its session, where it is ready again soon, small and not worn out; else it is
   * killed.
   */
  keep(session: string, sandbox: Sandbox): Promise<void>;
  /** Whether a child waits for a session. */
  has(session: string): boolean;
  /** Whether a child runs its last script: another one will be needed. */
  isOnLast(sandbox: Sandbox): boolean;
}

/** One that waits. */
interface Kept {
  readonly session: string;
  readonly sandbox: Sandbox;
}

/** Makes it. @param end kills a child */
export function keepChildren(end: (sandbox: Sandbox) => Promise<void>): KeptChildren {
  /** The longest kept first. */
  let kept: readonly Kept[] = [];
  /** Those of which it is not known yet whether they are kept. */
  const returning = new Map<Promise<void>, string>();
  const lives = new WeakMap<Sandbox, { readonly since: number; scripts: number }>();

  async function isFit(sandbox: Sandbox): Promise<boolean> {
    const life = lives.get(sandbox) ?? { since: performance.now(), scripts: 0 };
    if (life.scripts === 0) {
      lives.set(sandbox, life);
      sandbox.exited.then(() => kept = kept.filter((one) => one.sandbox !== sandbox));
    }
    life.scripts += 1;
    return await withinMs(sandbox.again(), AGAIN_MS) && life.scripts < SCRIPTS &&
      performance.now() - life.since < AGE_MS && (residentBytes(sandbox.pid) ?? 0) < KEPT_BYTES;
  }

  async function decide(session: string, sandbox: Sandbox): Promise<void> {
    if (!await isFit(sandbox)) return await end(sandbox);
    kept = [...kept, { session, sandbox }];
  }

  return {
    has: (session) =>
      kept.some((one) => one.session === session) ||
      [...returning.values()].includes(session),
    isOnLast(sandbox) {
      const life = lives.get(sandbox);
      return life !== undefined &&
        (life.scripts === SCRIPTS - 1 || performance.now() - life.since > AGE_MS);
    },
    async take(session) {
      const find = () => kept.findLast((one) => one.session === session && !one.sandbox.isKilled());
      if (find() === undefined) {
        await [...returning].find(([, whose]) => whose === session)?.[0];
      }
      const found = find();
      kept = kept.filter((one) => one !== found);
      return found?.sandbox;
    },
    async keep(session, sandbox) {
      const decided = decide(session, sandbox);
      returning.set(decided, session);
      await decided.finally(() => returning.delete(decided));
    },
  };
}

/** Whether a promise is kept within that time. */
async function withinMs(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  const kept = promise.then(() => true, () => false);
  return await Promise.race([kept, late.promise]).finally(() => clearTimeout(timer));
}
