/** Prompts over the protocol. */
import type { Server } from "@modelcontextprotocol/server";
import type { Brokers } from "../broker/types.ts";
import type { Prompts } from "../prompts/prompts.ts";
import type { Answer } from "./requests.ts";

/** What the handlers are made of. */
export interface PromptOptions {
  /** Makes them, at the first request for one. */
  readonly load: () => Promise<Prompts>;
  readonly brokers: Brokers;
}

/** Sets the handlers of one connection's server. */
export function servePrompts(
  server: Server,
  { load, brokers }: PromptOptions,
  answer: Answer,
): void {
  server.setRequestHandler("prompts/list", async () => {
    const { list } = await load();
    return { prompts: list.map((prompt) => ({ ...prompt, arguments: [...prompt.arguments] })) };
  });
  server.setRequestHandler(
    "prompts/get",
    ({ params }, context) =>
      answer("prompts/get", context, brokers, async (broker, signal) => {
        const { description, text } = await (await load()).get(
          params.name,
          params.arguments ?? {},
          broker,
          signal,
        );
        return { description, messages: [{ role: "user", content: { type: "text", text } }] };
      }),
  );
}
