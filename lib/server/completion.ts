/** Completion over the protocol: of the variables of resources' templates, and of prompts' arguments. */
import type { CompleteRequest, Server } from "@modelcontextprotocol/server";
import type { Broker } from "../broker/types.ts";
import { InputError } from "../errors.ts";
import type { ResourceOptions } from "./mcp_resources.ts";
import type { PromptOptions } from "./prompts.ts";
import type { Answer } from "./requests.ts";

/** The most values of one completion, a limit of the protocol. */
const COMPLETIONS = 100;

/** What can be completed; one of them at least. */
interface Completed {
  readonly resources?: ResourceOptions | undefined;
  readonly prompts?: PromptOptions | undefined;
}

/** Sets the handler of one connection's server. */
export function serveCompletion(server: Server, completed: Completed, answer: Answer): void {
  const brokers = (completed.resources ?? completed.prompts)?.brokers;
  if (brokers === undefined) return;
  server.setRequestHandler(
    "completion/complete",
    ({ params }, context) =>
      answer("completion/complete", context, brokers, async (broker, signal) => {
        const values = await valuesOf(params, completed, broker, signal);
        const hasMore = values.length > COMPLETIONS;
        return {
          completion: {
            values: values.slice(0, COMPLETIONS),
            // Nobody has counted those that a prompt has left out.
            ...(hasMore && params.ref.type === "ref/prompt" ? {} : { total: values.length }),
            hasMore,
          },
        };
      }),
  );
}

/** @throws {InputError} there is nothing of the kind to complete */
async function valuesOf(
  { ref, argument: { name, value }, context }: CompleteRequest["params"],
  { resources, prompts }: Completed,
  broker: Broker,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const chosen = context?.arguments ?? {};
  if (ref.type === "ref/prompt") {
    if (!prompts) throw new InputError("Cannot complete: there are no prompts");
    const asked = { prompt: ref.name, argument: name, value, chosen };
    return await (await prompts.load()).complete(asked, broker, signal);
  }
  if (!resources) throw new InputError("Cannot complete: there are no resources");
  const asked = { template: ref.uri, variable: name, value, chosen };
  return await resources.resources.complete(asked, broker, signal);
}
