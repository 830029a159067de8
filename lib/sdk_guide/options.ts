/** The options that calls of scripts take: those of the API server, and the SDK's own. Data only. */
import { optionsOf, VERBS } from "../names/requests.ts";

const FORM = ["form", "managedFields"];
const SELECTORS = ["labelSelector", "fieldSelector"];
// A log that is followed has no end.
const LOG_PARAMETERS = optionsOf("get", "log").filter((name) => name !== "follow");

/** These first, then what is left of the others. */
const inOrder = (first: readonly string[], others: readonly string[]): readonly string[] => [
  ...new Set([...first, ...others]),
];

/** The options of each way to read; an error names them in this order. */
export const READ_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  get: [...FORM, ...optionsOf("get")],
  list: inOrder([...SELECTORS, "limit", "continue", ...FORM], optionsOf("list")),
  watch: inOrder([...SELECTORS, "timeoutSeconds", "timeoutMs", ...FORM], optionsOf("watch")),
  log: ["since", "grep", "lines", "tail", "allContainers", ...LOG_PARAMETERS],
  logs: ["since", "grep", "tail", "allContainers", ...SELECTORS, ...LOG_PARAMETERS],
};

/** All that is found whatever its case, as client-go capitalises it. */
export const OPTION_NAMES: readonly string[] = [
  ...new Set([
    ...VERBS.flatMap((verb) => optionsOf(verb)),
    ...optionsOf("get", "log"),
    ...FORM,
    ...["timeoutMs", "preconditions", "ignoreDaemonSets", "deleteEmptyDirData"],
  ]),
];
