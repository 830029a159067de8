/**
 * Entry of a sandbox child that runs from source: a graph of its own, so that a child loads nothing of
 * the rest. The compiled program runs the same under a hidden command.
 */
import { runSandboxChild } from "./child.ts";

await runSandboxChild();
