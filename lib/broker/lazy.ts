/** Brokers that are loaded at the first call: most of the program is nothing to a server that starts. */
import { isReadCall } from "./reads.ts";
import type { ProgramBrokers } from "./types.ts";

/** Brokers that are made once one of them is asked for. @param load is called once */
export function lazyBrokers(load: () => Promise<ProgramBrokers>): ProgramBrokers {
  return {
    hide: async (text, known) => await (await load()).hide(text, known),
    as(origin) {
      const made = load().then((brokers) => brokers.as(origin));
      // Whoever calls is told; a broker that nobody calls has nobody to tell.
      made.catch(() => {});
      return {
        isRead: isReadCall,
        namespace: async () => await (await made).namespace(),
        knownNames: async (signal) => await (await made).knownNames?.(signal),
        async *call(call, body, signal) {
          yield* (await made).call(call, body, signal);
        },
        tunnel: async (call, signal) => await (await made).tunnel(call, signal),
      };
    },
  };
}
