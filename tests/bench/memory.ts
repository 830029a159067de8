/** How many scripts run that are written from memory of other clients, of those in `tests/memory/`. */
import { share, tryAll } from "../memory/table.ts";
import type { Figure } from "./measure.ts";

/** The shares that run, that one hint mends, and that are lost. */
export async function memory(): Promise<Figure[]> {
  const tried = await tryAll();
  const what = `of ${tried.length} scripts from memory`;
  return [
    { what: `${what}, run`, value: share(tried, "runs"), unit: "%", aim: "at least 70" },
    { what: `${what}, one hint away`, value: share(tried, "hint"), unit: "%" },
    { what: `${what}, lost`, value: share(tried, "lost"), unit: "%", aim: "2 %" },
  ];
}
