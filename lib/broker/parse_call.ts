/** Reads a call that comes from a sandbox: nothing about it is taken on trust. */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { PATCH_TYPES } from "../kube/wire/request.ts";
import { VERBS } from "../kube/types.ts";
import type { BrokerCall } from "./types.ts";

const name = z.string().max(1024);
/** Whether it may be used is the broker's to say. */
const context = name.min(1).optional();

const schema: z.ZodType<BrokerCall> = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("contexts"), context }),
  z.strictObject({ op: z.literal("names"), context, refresh: z.boolean().optional() }),
  z.strictObject({ op: z.literal("path"), context, path: z.enum(["/version", "/api", "/apis"]) }),
  z.strictObject({
    op: z.literal("explain"),
    context,
    path: name.min(1),
    group: name.optional(),
    version: name.optional(),
    limitCharacters: z.int().min(200).max(50_000).optional(),
  }),
  z.strictObject({
    op: z.literal("exec"),
    context,
    namespace: name.optional(),
    name: name.min(1),
    container: name.optional(),
    command: z.array(z.string().max(32 * 1024)).min(1).max(256),
    stdin: z.boolean().optional(),
    tty: z.boolean().optional(),
    timeoutMs: z.number().min(0).max(2 ** 31 - 1).optional(),
  }),
  z.strictObject({
    op: z.literal("request"),
    context,
    verb: z.enum(VERBS),
    group: name.optional(),
    version: name.optional(),
    resource: name.min(1),
    subresource: name.optional(),
    namespace: name.optional(),
    name: name.optional(),
    options: z.record(
      name,
      z.union([z.string().max(32 * 1024), z.number(), z.boolean()]),
    ).refine((options) => Object.keys(options).length <= 32, "more than 32 options").optional(),
    contentType: z.enum(["application/json", ...Object.values(PATCH_TYPES)]).optional(),
    form: z.enum(["object", "table", "metadata"]).optional(),
    managedFields: z.boolean().optional(),
    timeoutMs: z.number().min(0).max(2 ** 31 - 1).optional(),
  }),
]);

/**
 * The call that an untrusted header stands for.
 *
 * @throws {InputError} it stands for none; the message names the field
 */
export function parseCall(header: unknown): BrokerCall {
  const parsed = schema.safeParse(header);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InputError(
    `Cannot use the call: ${issue?.path.join(".") || "header"}: ${issue?.message ?? "invalid"}`,
  );
}
