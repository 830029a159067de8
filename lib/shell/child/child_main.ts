/**
 * Entry of a child that runs command lines from source: a graph of its own. The compiled program runs
 * the same under a hidden command.
 */
import { runShellChild } from "./child.ts";

await runShellChild();
