/** Free ports on loopback. */

/** Below the range from which systems take the ports of outgoing connections. */
const FIRST = 20_000;
const COUNT = 12_000;

/**
 * Ports that are free now, all different. Another process may take one before it is used: whoever
 * uses them must be ready to start again with others.
 *
 * @throws {Error} when no free ports are found
 */
export function freePorts(count: number): number[] {
  const ports = new Set<number>();
  for (let attempt = 0; attempt < 50 * count && ports.size < count; attempt++) {
    const port = FIRST + crypto.getRandomValues(new Uint16Array(1))[0]! % COUNT;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      ports.add(port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  if (ports.size < count) throw new Error(`Cannot find ${count} free ports on 127.0.0.1.`);
  return [...ports];
}
