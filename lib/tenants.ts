/**
 * The tenants of a shared server: one for each caller, made on first use, kept while it is used and
 * for some time after. Whatever one has learnt or opened, no other can reach.
 */
import { type Caller, keyOf } from "./identity/caller.ts";

/** Tenants that there are at the same time. */
const TENANTS = 512;
/** How long one is kept that nobody uses: longer than a person may take to approve a plan. */
const IDLE_MS = 15 * 60_000;

/** A tenant in use. */
export interface Lease<Tenant> {
  readonly tenant: Tenant;
  /** Says that it is no longer used; once for each use. */
  release(): void;
}

/** The table of tenants. */
export interface Tenants<Tenant> {
  /**
   * The tenant of a caller.
   *
   * @returns undefined where there is no room: all tenants are in use
   */
  use(caller: Caller): Promise<Lease<Tenant> | undefined>;
  /** How many there are. */
  readonly size: number;
  /** Closes all of them. */
  close(): Promise<void>;
}

/** What a table is made of. */
export interface TenantsParts<Tenant> {
  /** Makes the tenant of a caller, who is asked for anew where the proof may have been renewed. */
  readonly open: (caller: () => Caller) => Promise<Tenant>;
  readonly limit?: number;
  readonly idleMs?: number;
}

interface Entry<Tenant> {
  readonly tenant: Promise<Tenant>;
  caller: Caller;
  uses: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** Makes an empty table. */
export function createTenants<Tenant extends { close(): Promise<void> }>(
  { open, limit = TENANTS, idleMs = IDLE_MS }: TenantsParts<Tenant>,
): Tenants<Tenant> {
  // In the order of use, the one that was used longest ago first.
  const entries = new Map<string, Entry<Tenant>>();
  const closing = new Set<Promise<void>>();

  function drop(key: string, entry: Entry<Tenant>): void {
    clearTimeout(entry.timer);
    if (entries.get(key) === entry) entries.delete(key);
    const closed: Promise<void> = entry.tenant.then((tenant) => tenant.close(), () => {})
      .finally(() => closing.delete(closed));
    closing.add(closed);
  }

  /** @returns whether there is room for one more */
  function makeRoom(): boolean {
    for (const [key, entry] of entries) {
      if (entries.size < limit) break;
      if (entry.uses === 0) drop(key, entry);
    }
    return entries.size < limit;
  }

  function entryOf(key: string, caller: Caller): Entry<Tenant> | undefined {
    const known = entries.get(key);
    if (known !== undefined) return known;
    if (!makeRoom()) return undefined;
    const entry: Entry<Tenant> = {
      // Asked for only later, so that the entry is there.
      tenant: Promise.resolve().then(() => open(() => entry.caller)),
      caller,
      uses: 0,
    };
    entry.tenant.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    return entry;
  }

  return {
    get size() {
      return entries.size;
    },
    async use(caller) {
      const key = keyOf(caller);
      const entry = entryOf(key, caller);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      clearTimeout(entry.timer);
      entry.caller = caller;
      entry.uses += 1;
      let isReleased = false;
      const release = () => {
        if (isReleased) return;
        isReleased = true;
        entry.uses -= 1;
        if (entry.uses > 0 || entries.get(key) !== entry) return;
        entry.timer = setTimeout(() => drop(key, entry), idleMs);
        Deno.unrefTimer(entry.timer);
      };
      try {
        return { tenant: await entry.tenant, release };
      } catch (error) {
        release();
        throw error;
      }
    },
    async close() {
      for (const [key, entry] of [...entries]) drop(key, entry);
      await Promise.all(closing);
    },
  };
}
