/**
 * How a cluster is reached, as its files say now: a kubeconfig, or a certificate that it names, may be
 * renewed while the program runs, and is then read again. Files are looked at, not watched: a look
 * costs microseconds, and sees what no event tells of (network drives, mounted secrets).
 */
import { stat } from "node:fs/promises";
import { ConfigError } from "../../errors.ts";
import { sleep } from "../../std/async.ts";
import type { ClusterAccess } from "../types.ts";

/** The access of one context, for as long as the program runs. */
export interface FollowedAccess {
  /**
   * The access now; its files are read again where one has changed.
   *
   * @throws {ConfigError} what the files say now cannot be used
   */
  latest(): Promise<ClusterAccess>;
  /** The same after its files have been read again, changed or not: what was known was refused. */
  again(): Promise<ClusterAccess>;
}

/** A file is read again if it was written this shortly before: its times may be too coarse to tell. */
const COARSE_MS = 100;
/** A file that is just being written may be read half: it is tried again before that is a fault. */
const TRIES = 3;
const PAUSE_MS = 100;

/**
 * Follows an access. One that did not change stays the same value.
 *
 * @param read reads it, for the context and from the place that `former` names where it is given:
 * another current context must not move a running program to another cluster
 */
export function followAccess(
  read: (former?: ClusterAccess) => Promise<ClusterAccess>,
): FollowedAccess {
  let kept: { readonly access: ClusterAccess; readonly marks: string | undefined } | undefined;

  async function readAll(): Promise<ClusterAccess> {
    const began = Date.now();
    const access = await readSettled(read, kept?.access);
    const { marks, newest } = await look(access.files ?? []);
    const settled = newest < began - COARSE_MS ? marks : undefined;
    const same = kept !== undefined && JSON.stringify(kept.access) === JSON.stringify(access);
    kept = { access: same ? kept!.access : access, marks: settled };
    return kept.access;
  }

  return {
    latest: oneAtATime(async () => {
      if (kept === undefined) return await readAll();
      const { marks } = await look(kept.access.files ?? []);
      return marks === kept.marks ? kept.access : await readAll();
    }),
    again: oneAtATime(readAll),
  };
}

async function readSettled(
  read: (former?: ClusterAccess) => Promise<ClusterAccess>,
  former: ClusterAccess | undefined,
): Promise<ClusterAccess> {
  for (let tries = 1;; tries++) {
    try {
      return await read(former);
    } catch (error) {
      if (former === undefined || tries === TRIES || !(error instanceof ConfigError)) throw error;
      await sleep(PAUSE_MS, new AbortController().signal);
    }
  }
}

/** What tells one state of the files from another, and when the newest of them was written. */
async function look(files: readonly string[]): Promise<{ marks: string; newest: number }> {
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  const marks = found.map((info) => info && [info.mtimeMs, info.ctimeMs, info.size, info.ino]);
  const times = found.flatMap((info) => info ? [info.mtimeMs, info.ctimeMs] : []);
  return { marks: JSON.stringify(marks), newest: Math.max(-Infinity, ...times) };
}

/** One run for all who ask while it goes on. */
function oneAtATime<Value>(run: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  return () =>
    running ??= run().finally(() => {
      running = undefined;
    });
}
