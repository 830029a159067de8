/** Which room of the program may import which: the one place where that is decided. Data only. */

/** What a room may import besides itself; `types` allows `import type` only. */
export type Allowed = "all" | Readonly<Record<string, "any" | "types">>;

/** The ground floor: what every room of the program may stand on. Its own rooms are listed below. */
export const GROUND: readonly string[] = [
  "lib/errors.ts",
  "lib/surroundings.ts",
  "lib/names/",
  "lib/text_file.ts",
  "lib/std/",
];

const AUDIT = "lib/audit.ts";
const ALGORITHMS = "lib/identity/oidc/algorithms.ts";
const CALLER = "lib/identity/caller.ts";
const EXIT = "lib/exit.ts";
const LOG = "lib/log.ts";
const VERSION = "lib/version.ts";
const KUBE_TYPES = "lib/kube/types.ts";
const BROKER_TYPES = "lib/broker/types.ts";
const PROGRAM_TYPES = "lib/programs/types.ts";
const YAML = "lib/yaml/";
const PROTOBUF = "lib/protobuf/";
const ROUTE = "lib/http/route.ts";
const SDK_GUIDE = "lib/sdk_guide/";

/**
 * The table, by room: a folder (with a trailing slash, without the folders in it) or a file. What a
 * room may import besides itself and the ground floor: files, rooms, or folders with all rooms in
 * them. A file that is in no room may import nothing and be imported by nobody.
 */
export const ROOMS: Readonly<Record<string, Allowed>> = {
  "main.ts": { "lib/main.ts": "any" },
  "lib/main.ts": "all",
  "lib/app.ts": "all",
  "lib/serve/": "all",
  "lib/shared.ts": "all",
  "lib/tenant.ts": "all",
  "lib/cli_set.ts": "all",
  "lib/clusters.ts": "all",

  "lib/std/": {},
  "lib/names/": { "lib/std/": "any" },
  // Objects as kubectl's tables have them.
  "lib/printers/": { [KUBE_TYPES]: "types" },
  "lib/errors.ts": {},
  "lib/exit.ts": {},
  "lib/log.ts": {},
  "lib/version.ts": {},
  "lib/surroundings.ts": { "lib/errors.ts": "any", "lib/std/": "any" },
  "lib/text_file.ts": { "lib/errors.ts": "any", "lib/std/": "any" },
  "lib/audit.ts": { [LOG]: "types" },
  "lib/yaml/": {},
  "lib/protobuf/": {},
  "lib/tenants.ts": { [CALLER]: "any" },
  // How scripts use the SDK: what the realm has, tools and hints tell.
  "lib/sdk_guide/": {},

  "lib/config/": {
    "lib/policy/": "any",
    [PROGRAM_TYPES]: "any",
    [ALGORITHMS]: "any",
    [LOG]: "any",
    [YAML]: "any",
  },

  "lib/programs/types.ts": {},
  "lib/programs/run/": { [PROGRAM_TYPES]: "any" },
  // What the words of one start of a program mean: data and pure functions.
  "lib/programs/words/trees/": {},
  "lib/programs/words/powers/": { [PROGRAM_TYPES]: "any" },
  "lib/programs/words/": {
    [PROGRAM_TYPES]: "any",
    [YAML]: "any",
    "lib/programs/words/": "any",
  },
  "lib/programs/words/security/": { [PROGRAM_TYPES]: "any", "lib/programs/words/": "any" },

  "lib/kube/types.ts": {},
  "lib/kube/wire/": { [KUBE_TYPES]: "types", [PROTOBUF]: "any" },
  "lib/kube/discovery/": { [KUBE_TYPES]: "types" },
  "lib/kube/schemas/": {},
  "lib/kube/kubeconfig/": { [KUBE_TYPES]: "types", [YAML]: "any" },
  "lib/kube/auth/": { [KUBE_TYPES]: "types", "lib/kube/kubeconfig/": "any", [YAML]: "any" },
  "lib/kube/transport/": {
    [KUBE_TYPES]: "types",
    "lib/kube/auth/": "any",
    "lib/kube/wire/": "any",
    [LOG]: "any",
  },
  "lib/kube/calls/": {
    [KUBE_TYPES]: "types",
    "lib/kube/transport/": "any",
    "lib/kube/wire/": "any",
    [PROTOBUF]: "any",
    [LOG]: "any",
  },
  "lib/kube/client.ts": {
    [KUBE_TYPES]: "types",
    "lib/kube/calls/": "any",
    "lib/kube/discovery/": "any",
    "lib/kube/schemas/": "any",
    "lib/kube/wire/": "any",
    [LOG]: "any",
  },
  "lib/kube/explain/": {
    [KUBE_TYPES]: "types",
    "lib/kube/client.ts": "any",
    "lib/kube/discovery/": "any",
    "lib/kube/schemas/": "any",
  },

  "lib/policy/rules/": {},
  "lib/policy/": { [KUBE_TYPES]: "types", "lib/policy/rules/": "any" },

  "lib/redact/tokens.ts": { "lib/redact/detect/": "any" },
  // Values that are known by a name beside them, and all the others.
  "lib/redact/detect/": { "lib/redact/detect/named/": "any" },
  "lib/redact/detect/named/": { "lib/redact/detect/": "any" },
  "lib/redact/objects/": { "lib/redact/detect/": "any", "lib/redact/tokens.ts": "any" },
  "lib/redact/writes/": { "lib/redact/tokens.ts": "any" },
  "lib/redact/": {
    "lib/redact/detect/": "any",
    "lib/redact/objects/": "any",
    "lib/redact/tokens.ts": "any",
  },

  // The broker's folders are one room: stages and planning share the change that goes through them.
  "lib/broker/": {
    "lib/kube/": "any",
    "lib/policy/": "any",
    "lib/redact/": "any",
    [AUDIT]: "types",
    [LOG]: "any",
    [YAML]: "any",
  },

  // A Kubernetes API for one program on this machine, over the broker.
  "lib/door/": {
    "lib/approval/": "any",
    [BROKER_TYPES]: "types",
    [KUBE_TYPES]: "types",
    "lib/kube/transport/message_socket.ts": "any",
    "lib/policy/plan.ts": "types",
    "lib/programs/types.ts": "types",
    "lib/protobuf/": "any",
    [LOG]: "types",
    [YAML]: "any",
  },

  // What all sandbox children have in common.
  "lib/sandbox/": {},
  "lib/sandbox/child/": { "lib/sandbox/": "any", [VERSION]: "any" },
  "lib/sandbox/parent/": { "lib/sandbox/": "any", [VERSION]: "any" },

  "lib/eval/": {
    [BROKER_TYPES]: "types",
    "lib/sandbox/frames.ts": "any",
    [AUDIT]: "types",
    [LOG]: "types",
  },
  "lib/eval/script/": { "lib/eval/realm/base/": "any" },
  "lib/eval/child/": {
    "lib/eval/": "any",
    "lib/eval/realm/base/": "types",
    "lib/eval/script/": "any",
    "lib/sandbox/": "any",
  },
  "lib/eval/parent/": {
    [BROKER_TYPES]: "types",
    "lib/sandbox/": "any",
    "lib/eval/": "any",
    [AUDIT]: "any",
    [LOG]: "any",
    [SDK_GUIDE]: "any",
  },
  // The realm is bundled and runs alone: of the rest it knows types and pure data.
  "lib/eval/realm/base/": { "lib/eval/protocol.ts": "types" },
  "lib/eval/realm/calls/": { "lib/eval/protocol.ts": "types", "lib/eval/realm/base/": "any" },
  "lib/eval/realm/input/": { "lib/eval/realm/base/": "any", [SDK_GUIDE]: "any" },
  "lib/eval/realm/names/": { [BROKER_TYPES]: "types", "lib/eval/realm/base/": "any" },
  "lib/eval/realm/values/": { "lib/eval/realm/base/": "any" },
  "lib/eval/realm/verbs/": {
    [BROKER_TYPES]: "types",
    "lib/eval/realm/base/": "any",
    "lib/eval/realm/calls/": "any",
    "lib/eval/realm/input/": "any",
    "lib/eval/realm/names/": "any",
  },
  "lib/eval/realm/sdk/": {
    [BROKER_TYPES]: "types",
    "lib/eval/realm/base/": "any",
    "lib/eval/realm/calls/": "any",
    "lib/eval/realm/input/": "any",
    "lib/eval/realm/names/": "any",
    "lib/eval/realm/verbs/": "any",
    [SDK_GUIDE]: "any",
  },
  "lib/eval/realm/web/": { "lib/eval/realm/base/": "any" },
  "lib/eval/realm/globals/": { "lib/eval/realm/base/": "any", "lib/eval/realm/values/": "any" },
  "lib/eval/realm/": {
    "lib/eval/protocol.ts": "types",
    "lib/eval/realm/": "any",
    [SDK_GUIDE]: "types",
  },

  // Command lines. The worker is bundled and runs alone, with the interpreter in it.
  "lib/shell/": { "lib/programs/types.ts": "any", "lib/sandbox/frames.ts": "any" },
  "lib/shell/base/": {},
  "lib/shell/text/": { "lib/shell/base/": "any" },
  "lib/shell/yq/": { "lib/shell/base/": "any" },
  "lib/shell/commands/": { "lib/shell/": "any" },
  "lib/shell/child/": {
    "lib/programs/types.ts": "any",
    "lib/sandbox/": "any",
    "lib/shell/": "any",
    "lib/shell/commands/": "any",
  },
  "lib/shell/parent/": {
    "lib/programs/types.ts": "any",
    "lib/sandbox/": "any",
    "lib/shell/": "any",
    [LOG]: "any",
  },

  "lib/tools/types.ts": { "lib/broker/": "types", "lib/policy/": "types" },
  "lib/tools/support/": {
    "lib/broker/": "types",
    "lib/eval/": "types",
    "lib/eval/realm/values/": "any",
    "lib/tools/types.ts": "types",
    [SDK_GUIDE]: "any",
    [YAML]: "any",
  },
  "lib/tools/code/": {
    "lib/broker/": "types",
    "lib/eval/": "any",
    "lib/tools/support/": "any",
    "lib/tools/types.ts": "types",
    [SDK_GUIDE]: "any",
  },
  "lib/tools/resources/": {
    "lib/broker/": "types",
    "lib/tools/support/": "any",
    "lib/tools/types.ts": "types",
  },
  "lib/tools/guarded/": {
    "lib/broker/": "types",
    "lib/tools/support/": "any",
    "lib/tools/types.ts": "types",
  },
  "lib/tools/cli/": {
    "lib/broker/": "types",
    "lib/door/door.ts": "types",
    [PROGRAM_TYPES]: "any",
    "lib/programs/run/": "types",
    "lib/programs/words/": "any",
    "lib/shell/": "any",
    "lib/tools/support/": "any",
    "lib/tools/types.ts": "types",
  },
  "lib/tools/mcp_resources/": { "lib/broker/": "types", "lib/tools/support/": "any" },
  "lib/tools/": {
    "lib/broker/": "types",
    "lib/eval/": "types",
    "lib/policy/rules/known_tools.ts": "types",
    "lib/tools/": "any",
  },

  // Texts that lead a model through the tools, and what completes their arguments.
  "lib/prompts/": {
    "lib/broker/": "types",
    "lib/policy/": "any",
    "lib/tools/guarded/": "any",
    "lib/tools/support/": "any",
  },

  "lib/approval/": { [BROKER_TYPES]: "types", "lib/policy/": "any" },
  "lib/server/": {
    "lib/approval/": "any",
    "lib/broker/": "types",
    "lib/policy/": "any",
    "lib/prompts/": "any",
    "lib/tools/": "any",
    [AUDIT]: "any",
    [LOG]: "any",
  },
  "lib/transport/": { "lib/server/": "any", [LOG]: "any" },
  // Who calls: of HTTP it knows what a request and a route are.
  [CALLER]: {},
  "lib/identity/": { [CALLER]: "types", [ROUTE]: "types", [LOG]: "types" },
  "lib/identity/tokens/": { [CALLER]: "types", "lib/identity/types.ts": "types" },
  [ALGORITHMS]: {},
  "lib/identity/oidc/": {
    [CALLER]: "types",
    "lib/identity/types.ts": "types",
    [ALGORITHMS]: "any",
  },
  // Callers as the cluster knows them.
  "lib/identity/cluster/": {
    [CALLER]: "types",
    "lib/identity/oidc/": "types",
    [KUBE_TYPES]: "types",
    "lib/policy/rules/patterns.ts": "any",
  },
  [ROUTE]: { [CALLER]: "types" },
  "lib/http/": {
    [CALLER]: "any",
    [ROUTE]: "types",
    "lib/identity/types.ts": "types",
    "lib/server/": "types",
    [LOG]: "types",
  },
  // How a shared server is run: what goes on in it is told to it, by types of the other rooms.
  "lib/operation/": {
    [CALLER]: "any",
    "lib/http/answers.ts": "any",
    [ROUTE]: "types",
    [KUBE_TYPES]: "types",
    [AUDIT]: "types",
    [LOG]: "types",
    [VERSION]: "any",
  },
  // How the program got onto the machine, and how others start it.
  "lib/installed/": {},

  // The program in the configurations of assistants.
  "lib/install/": { "lib/install/formats/": "any", "lib/installed/": "any" },
  "lib/install/formats/": { "lib/install/entry.ts": "types" },

  // The command line: its definition, and what is made from it.
  "lib/command_line/": {
    "lib/cli/install.ts": "types",
    "lib/cli/policy.ts": "types",
    "lib/command_line/commands/": "any",
    "lib/config/": "any",
    "lib/installed/": "any",
    [EXIT]: "any",
    [VERSION]: "any",
  },
  "lib/command_line/commands/": {
    "lib/cli/": "any",
    "lib/install/": "any",
    "lib/command_line/": "any",
    "lib/config/": "any",
  },
  "lib/command_line/completion/": {
    "lib/cli/output.ts": "any",
    "lib/command_line/": "any",
    "lib/install/": "any",
    "lib/config/": "any",
    "lib/policy/": "any",
  },
  "lib/cli/": {
    "lib/approval/": "any",
    [AUDIT]: "any",
    [BROKER_TYPES]: "types",
    "lib/config/": "any",
    "lib/door/": "any",
    "lib/eval/limits.ts": "any",
    "lib/eval/realm/values/": "any",
    "lib/eval/types.ts": "types",
    "lib/install/": "any",
    "lib/installed/": "any",
    "lib/kube/client.ts": "types",
    "lib/kube/kubeconfig/credentials_text.ts": "any",
    "lib/policy/": "any",
    "lib/printers/": "any",
    "lib/tools/support/evaluation_text.ts": "any",
    [LOG]: "types",
    [KUBE_TYPES]: "types",
    [EXIT]: "any",
    [VERSION]: "any",
    [PROGRAM_TYPES]: "any",
    "lib/programs/run/": "any",
    [YAML]: "any",
  },

  // A Kubernetes API in one process. Only lib/clusters.ts knows it.
  "lib/demo/base/": { [KUBE_TYPES]: "types" },
  "lib/demo/objects/": { [KUBE_TYPES]: "types", "lib/demo/base/": "any" },
  "lib/demo/tables/": {
    [KUBE_TYPES]: "types",
    "lib/printers/": "any",
    "lib/demo/base/": "any",
  },
  "lib/demo/documents/": { "lib/demo/base/": "any" },
  "lib/demo/answers/": {
    [KUBE_TYPES]: "types",
    [YAML]: "any",
    "lib/demo/base/": "any",
    "lib/demo/tables/": "any",
  },
  "lib/demo/controllers/": {
    [KUBE_TYPES]: "types",
    "lib/demo/base/": "any",
    "lib/demo/objects/": "any",
  },
  "lib/demo/containers/": {
    [KUBE_TYPES]: "types",
    "lib/demo/base/": "any",
    "lib/demo/controllers/": "any",
  },
  "lib/demo/story/": {
    [KUBE_TYPES]: "types",
    "lib/demo/base/": "any",
    "lib/demo/controllers/": "any",
    "lib/demo/objects/": "any",
  },
  "lib/demo/verbs/": {
    [KUBE_TYPES]: "types",
    "lib/demo/answers/": "any",
    "lib/demo/base/": "any",
    "lib/demo/containers/": "any",
    "lib/demo/controllers/": "any",
    "lib/demo/objects/": "any",
  },
  "lib/demo/http/": {
    [KUBE_TYPES]: "types",
    [PROTOBUF]: "any",
    "lib/demo/answers/": "any",
    "lib/demo/base/": "any",
    "lib/demo/containers/": "any",
    "lib/demo/controllers/": "any",
    "lib/demo/documents/": "any",
    "lib/demo/verbs/": "any",
  },
  "lib/demo/": { [KUBE_TYPES]: "types", "lib/demo/": "any" },

  "tests/": "all",
  "scripts/": "all",
};
