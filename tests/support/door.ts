/** A door for a test, and the way through it. */
import type { Origin, ProgramBrokers } from "../../lib/broker/types.ts";
import { type Door, type DoorParts, openDoor } from "../../lib/door/door.ts";
import { createBrokers } from "../../lib/broker/broker.ts";
import type { Policy } from "../../lib/policy/types.ts";
import { LOGGER, openClient, type TestTarget } from "./clusters.ts";

/** An open door. */
export interface TestDoor extends AsyncDisposable {
  readonly door: Door;
  /** The URL of the context that the kubeconfig begins with. */
  readonly url: string;
  /** Asks by a path below it. */
  ask(path: string, init?: RequestInit): Promise<Response>;
}

/** Opens one; it is closed with the test. */
export async function testDoor(
  brokers: ProgramBrokers,
  parts: Partial<DoorParts> = {},
  origin: Partial<Origin> = {},
): Promise<TestDoor> {
  const ended = new AbortController();
  const door = await openDoor({
    brokers,
    origin: { tool: "property", session: "test", ...origin },
    signal: ended.signal,
    logger: LOGGER,
    ...parts,
  });
  const url: string = JSON.parse(door.kubeconfig).clusters[0].cluster.server;
  return {
    door,
    url,
    ask: (path, init) => fetch(`${url}${path}`, init),
    async [Symbol.asyncDispose]() {
      await door.close();
      ended.abort();
    },
  };
}

/** Brokers over a cluster of the tests. */
export async function programBrokers(
  target: TestTarget,
  policy: () => Policy,
): Promise<ProgramBrokers & AsyncDisposable> {
  const opened = await openClient(target);
  const { client } = opened;
  const brokers = createBrokers({ connect: () => Promise.resolve(client), policy, logger: LOGGER });
  return {
    ...brokers,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
