/**
 * What may be asked of the broker: the schema from which the types of calls come, and the reader of
 * calls from a sandbox, of which nothing is taken on trust.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { PATCH_TYPES, VERBS } from "../names/requests.ts";

/** Paths of the documents, with the hash that an OpenAPI path may carry. */
const DOCUMENT_PATH =
  /^\/(?:version|(?:healthz|livez|readyz)(?:\/[\w.-]+)*|api(?:\/[\w-]+)?|apis(?:\/[\w.-]+){0,2}|openapi\/v[23](?:\/[\w.-]+)*)(?:\?(?:hash=[\w%-]+|verbose))?$/;

const name = z.string().max(1024);
const timeoutMs = z.number().min(0).max(2 ** 31 - 1).optional();

/**
 * A context of the kubeconfig, by its exact name; left out: the one that the server runs with.
 * Whether it may be used the broker decides at the call.
 */
const context = name.min(1).optional();

/**
 * The contexts that may be named, as a list of `ContextEntry`: that one alone where one is named.
 * Nothing is asked of a cluster.
 */
const contextsCall = z.strictObject({ op: z.literal("contexts"), context });

/** What the cluster serves, as a `NamesIndex`. */
const namesCall = z.strictObject({
  op: z.literal("names"),
  context,
  /** Ask the cluster again, unless that was done a moment ago: a name was missing. */
  refresh: z.boolean().optional(),
});

/** What the policy in force allows, as text (JSON of a string). Nothing is asked of a cluster. */
const policyCall = z.strictObject({ op: z.literal("policy"), context });

/** The body, one document of YAML, as JSON. Nothing is asked of a cluster. */
const yamlCall = z.strictObject({ op: z.literal("yaml"), context });

/** A document that belongs to no resource. */
const pathCall = z.strictObject({
  op: z.literal("path"),
  context,
  path: z.enum(["/version", "/api", "/apis"]),
});

/**
 * A document that belongs to no resource, as bytes in a form that `accept` names: discovery, schemas,
 * version, health.
 */
const documentCall = z.strictObject({
  op: z.literal("document"),
  context,
  path: z.string().max(1024).regex(DOCUMENT_PATH, "no document of a cluster is there"),
  accept: z.string().max(1024).regex(/^[\x20-\x7e]*$/),
});

/** What the cluster's schemas say of a field, as text (JSON of a string). */
const explainCall = z.strictObject({
  op: z.literal("explain"),
  context,
  /** As `kubectl explain` takes it: `deployment.spec.strategy`, `deployments.apps.spec`. */
  path: name.min(1),
  group: name.optional(),
  version: name.optional(),
  /** Length of the text, in characters; 2,000 by default. */
  limitCharacters: z.int().min(200).max(50_000).optional(),
});

/**
 * A command to run in a container; the body is what it reads. The answer is an `ExecResult` of
 * lib/kube/calls/exec_session.ts. To the policy it is a `create` of `pods/exec`.
 */
const execCall = z.strictObject({
  op: z.literal("exec"),
  context,
  namespace: name.optional(),
  /** Name of the pod. */
  name: name.min(1),
  container: name.optional(),
  /** The program and its arguments. */
  command: z.array(z.string().max(32 * 1024)).min(1).max(256).readonly(),
  /** The command has a standard input, also where the body is empty. */
  stdin: z.boolean().optional(),
  tty: z.boolean().optional(),
  /** From the request to the command's end; 15 s by default. */
  timeoutMs,
});

/** A request for a resource. Names of groups and resources are resolved whatever their case. */
const requestCall = z.strictObject({
  op: z.literal("request"),
  context,
  verb: z.enum(VERBS),
  group: name.optional(),
  version: name.optional(),
  resource: name.min(1),
  subresource: name.optional(),
  namespace: name.optional(),
  name: name.optional(),
  /** Query parameters by their API name. */
  options: z.record(name, z.union([z.string().max(32 * 1024), z.number(), z.boolean()]))
    .refine((options) => Object.keys(options).length <= 32, "more than 32 options")
    .readonly().optional(),
  contentType: z.enum(["application/json", ...Object.values(PATCH_TYPES)]).optional(),
  form: z.enum(["object", "table", "metadata"]).optional(),
  /** Keep `metadata.managedFields` of objects in the answer; else it is left out. */
  managedFields: z.boolean().optional(),
  /**
   * As a program asks that speaks to the API server itself: no options are added, a watch is one
   * request and ends as it does, and a log may be followed.
   */
  direct: z.boolean().optional(),
  /** When a watch ends, in milliseconds; without it `timeoutSeconds` of the options counts. */
  timeoutMs,
});

/** One thing asked of a cluster. */
export const callSchema = z.discriminatedUnion("op", [
  contextsCall,
  policyCall,
  yamlCall,
  namesCall,
  pathCall,
  documentCall,
  explainCall,
  execCall,
  requestCall,
]);

/**
 * The call that an untrusted header stands for.
 *
 * @throws {InputError} it stands for none; the message names the field
 */
export function parseCall(header: unknown): z.infer<typeof callSchema> {
  const parsed = callSchema.safeParse(header);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InputError(
    `Cannot use the call: ${issue?.path.join(".") || "header"}: ${issue?.message ?? "invalid"}`,
  );
}
