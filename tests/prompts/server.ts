/** A whole server with prompts, in this process, and the SDK's own client of it. */
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { createBrokers } from "../../lib/broker/broker.ts";
import { parseCall } from "../../lib/broker/calls.ts";
import { createEvaluator } from "../../lib/eval/parent/evaluator.ts";
import type { KubeClient } from "../../lib/kube/client.ts";
import { mayAsk } from "../../lib/policy/decide.ts";
import { childCommand } from "../../lib/sandbox/parent/command.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { ToolSetName } from "../../lib/policy/rules/known_tools.ts";
import type { Mode, Rule } from "../../lib/policy/types.ts";
import { createPrompts, type Prompts } from "../../lib/prompts/prompts.ts";
import { createServer } from "../../lib/server/server.ts";
import { toolsOf } from "../../lib/tools/tool_sets.ts";
import { LOGGER } from "../support/clusters.ts";

/** How a server is started. */
export interface ServerChoice {
  readonly sets: readonly ToolSetName[];
  readonly mode?: Mode;
  readonly rules?: readonly Rule[];
  readonly namespace?: string;
  readonly contexts?: boolean;
}

/** A server under test. */
export interface PromptServer extends AsyncDisposable {
  readonly client: Client;
  /** Names of the tools that its client is shown. */
  readonly tools: readonly string[];
  readonly prompts: Prompts;
  /** The text of a prompt. */
  text(name: string, given?: Readonly<Record<string, string>>): Promise<string>;
  /** Calls a tool: all blocks joined; fails where it does. */
  call(name: string, given: Readonly<Record<string, unknown>>): Promise<string>;
  /** Questions that a person was asked; all are answered with yes. */
  readonly asked: string[];
}

/** Starts one over a client's cluster. */
export async function promptServer(
  kube: KubeClient,
  { sets, mode = "read-only", rules = [], namespace, contexts = false }: ServerChoice,
): Promise<PromptServer> {
  const policy = makePolicy({ mode, rules });
  const brokers = createBrokers({
    connect: () => Promise.resolve(kube),
    policy: () => policy,
    logger: LOGGER,
  });
  const evaluator = createEvaluator({
    brokers,
    parseCall,
    command: childCommand("script"),
    logger: LOGGER,
    limits: {},
  });
  const options = { readOnly: mode === "read-only", contexts, version: "1", maxReplicas: 100 };
  const tools = toolsOf(sets, { brokers, evaluator }, options);
  const names = tools.filter(({ listed }) => listed !== false).map(({ name }) => name);
  const prompts = createPrompts({ tools: names, mode, contexts, namespace });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await createServer({
    name: "kubecode",
    version: "1",
    tools,
    prompts: { load: () => Promise.resolve(prompts), brokers },
    approvals: () => mayAsk(policy),
    instructions: "",
    logger: LOGGER,
  })().connect(far);
  const client = new Client({ name: "test", version: "0" }, {
    capabilities: { elicitation: { form: {} } },
  });
  const asked: string[] = [];
  client.setRequestHandler("elicitation/create", ({ params }) => {
    asked.push(params.message);
    return { action: "accept", content: { approve: true } };
  });
  await client.connect(near);
  return {
    client,
    tools: names,
    prompts,
    asked,
    async text(name, given = {}) {
      const { messages } = await client.getPrompt({ name, arguments: { ...given } });
      const [message] = messages;
      if (messages.length !== 1 || message?.content.type !== "text") throw new Error("no text");
      return message.content.text;
    },
    async call(name, given) {
      const { content, isError } = await client.callTool(
        { name, arguments: { ...given } },
        { timeout: 90_000 },
      );
      const text = (content as { text: string }[]).map((block) => block.text).join("\n");
      if (isError) throw new Error(`${name} ${JSON.stringify(given)}\n${text}`);
      return text;
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await evaluator.close();
    },
  };
}
