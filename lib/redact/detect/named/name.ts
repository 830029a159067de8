/** What the ways of finding a value behind a name share. Pure. */
import type { NameStrength } from "../names.ts";
import type { Open } from "./lines.ts";

/** A name in a text that says something of the value that belongs to it. */
export interface Name {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly strength: Exclude<NameStrength, "none">;
  /** What is open where it begins. */
  readonly open: () => Open;
}
