/**
 * How long a property is tried. `KUBECODE_FUZZ=100` takes a hundred times as many cases as the gate;
 * what is found goes into the test as an example, by which it is tried first ever after.
 */
export function runs(usual: number): number {
  return usual * Number(Deno.env.get("KUBECODE_FUZZ") ?? 1);
}
