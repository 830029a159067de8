/** The commands that a line may use, as data: what the interpreter is given, and what is told of it. */
import { PROGRAM_NAMES } from "../programs/types.ts";

/** Commands of the interpreter's package. */
export const PACKAGE_COMMANDS = [
  "echo",
  "cat",
  "printf",
  "mkdir",
  "rmdir",
  "touch",
  "rm",
  "cp",
  "mv",
  "pwd",
  "sed",
  "awk",
  "comm",
  "rev",
  "nl",
  "fold",
  "expand",
  "unexpand",
  "join",
  "tee",
  "basename",
  "dirname",
  "true",
  "false",
  "base64",
  "date",
  "sleep",
  "seq",
  "expr",
  "md5sum",
  "sha1sum",
  "sha256sum",
  "tac",
] as const;

/** Commands of our own, where the package's differ from those that people know. */
export const OWN_COMMANDS = [
  "sort",
  "uniq",
  "wc",
  "head",
  "tail",
  "cut",
  "paste",
  "column",
  "grep",
  "egrep",
  "fgrep",
  "tr",
  "ls",
  "diff",
  "xargs",
  "jq",
  "yq",
] as const;

/** All names, in order. */
export const OFFERED: readonly string[] = [...PACKAGE_COMMANDS, ...OWN_COMMANDS, ...PROGRAM_NAMES]
  .sort();

/** Words with which a line can begin that are the shell's own, whatever program it is for. */
export const SHELL_WORDS: readonly string[] = (
  "for while until if case function time select cd echo export local declare read printf let eval source " +
  "true false return exit shift unset trap type command set"
).split(" ");
