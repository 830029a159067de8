/** What the tools of command lines are made of. Types only. */
import type { Origin, ProgramBrokers } from "../../broker/types.ts";
import type { Door } from "../../door/door.ts";
import type { InstalledPrograms } from "../../programs/run/find.ts";
import type { ProgramRunner } from "../../programs/run/run.ts";
import type { ProgramName } from "../../programs/types.ts";
import type { WordRules } from "../../programs/words/check.ts";
import type { Shell } from "../../shell/types.ts";
import type { ArgocdServer } from "./argocd.ts";

/** The parts, as the server has put them together. */
export interface CliParts {
  readonly programs: InstalledPrograms;
  readonly runner: ProgramRunner;
  /** What the words of a program are held against. */
  rulesFor(program: ProgramName): WordRules;
  /** Opens the door through which one program asks the cluster, for one call. */
  openDoor(call: {
    readonly origin: Origin;
    readonly program: ProgramName;
    readonly signal: AbortSignal;
    readonly onUnreached: (why: string) => void;
  }): Promise<Door>;
  /** argocd's own server, where the config file names one. */
  readonly argocd?: ArgocdServer;
  /** Redacts what has not come through a door. */
  readonly hide: ProgramBrokers["hide"];
  /** Whether the cluster refuses every write. */
  readonly readOnly: boolean;
  /** The shell, for lines that need one. */
  shell(): Promise<Shell>;
  /** How long a command may take where its call does not say. */
  readonly timeoutMs: number;
  /** Characters of its output that are shown. */
  readonly outputCharacters: number;
}
