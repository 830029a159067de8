/** A server with the tools, prompts and resources that the conformance suite asks for. */
import {
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  MissingRequiredClientCapabilityError,
  ResourceNotFoundError,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ServerFactory } from "../../lib/server/server.ts";

/** One red pixel, and no sound. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const text = (text: string) => ({ type: "text" as const, text });
const image = { type: "image" as const, data: PNG, mimeType: "image/png" };
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

type Tool = (context: ServerContext, input: Record<string, unknown>) => Promise<object> | object;

/** A question for a string in a form. */
const asking = (message: string, field: string, type = "string") =>
  inputRequired.elicit({
    message,
    requestedSchema: {
      type: "object",
      properties: { [field]: { type } as never },
      required: [field],
    },
  });

const answered = ({ mcpReq }: ServerContext, key: string) =>
  inputResponse(mcpReq.inputResponses, key).kind !== "missing";

/** What a person has answered to a question, as a result of the older kind. */
const whatWasSaid = ({ mcpReq }: ServerContext, key: string) => {
  const { kind: _, ...said } = inputResponse(mcpReq.inputResponses, key) as { kind: string };
  return said as { action?: string; content?: Record<string, unknown> };
};

const asksOnce =
  (key: string, question: () => Parameters<typeof inputRequired>[0]): Tool => (context) =>
    answered(context, key)
      ? { content: [text(`Answered: ${JSON.stringify(whatWasSaid(context, key))}`)] }
      : inputRequired(question());

const codec = createRequestStateCodec<{ step: number }>({
  key: new Uint8Array(32).fill(7),
});

const CAPITAL = {
  messages: [{ role: "user" as const, content: text("What is the capital of France?") }],
  maxTokens: 100,
};

const TOOLS: Readonly<Record<string, Tool>> = {
  test_simple_text: () => ({ content: [text("This is a simple text response for testing.")] }),
  test_image_content: () => ({ content: [image] }),
  test_audio_content: () => ({ content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }] }),
  test_embedded_resource: () => ({
    content: [{
      type: "resource",
      resource: {
        uri: "test://embedded-resource",
        mimeType: "text/plain",
        text: "This is an embedded resource content.",
      },
    }],
  }),
  test_multiple_content_types: () => ({
    content: [text("Multiple content types test:"), image, {
      type: "resource",
      resource: {
        uri: "test://mixed-content-resource",
        mimeType: "application/json",
        text: '{"test":"data","value":123}',
      },
    }],
  }),
  test_error_handling: () => ({
    isError: true,
    content: [text("This tool intentionally returns an error for testing")],
  }),
  async test_tool_with_progress({ mcpReq }) {
    const token = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (token !== undefined) {
        await mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken: token, progress, total: 100 },
        });
      }
      await pause();
    }
    return { content: [text("done")] };
  },
  async test_tool_with_logging({ mcpReq }) {
    for (const data of ["started", "processing data", "completed"]) {
      await mcpReq.log("info", `Tool execution ${data}`);
      await pause();
    }
    return { content: [text("done")] };
  },
  async test_logging_tool({ mcpReq }) {
    await mcpReq.log("info", "logged");
    return { content: [text("done")] };
  },
  test_streaming_elicitation: asksOnce("name", () => ({
    inputRequests: { name: asking("What is your name?", "name") },
  })),
  test_missing_capability() {
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
  },
  test_sampling: (context, { prompt }) =>
    asksOnce("answer", () => ({
      inputRequests: {
        answer: inputRequired.createMessage({
          messages: [{ role: "user", content: text(String(prompt)) }],
          maxTokens: 100,
        }),
      },
    }))(context, {}),
  test_elicitation(context, { message }) {
    if (!answered(context, "user")) {
      return inputRequired({
        inputRequests: {
          user: inputRequired.elicit({
            message: String(message),
            requestedSchema: {
              type: "object",
              properties: {
                username: { type: "string", description: "User's response" },
                email: { type: "string", description: "User's email address" },
              },
              required: ["username", "email"],
            },
          }),
        },
      });
    }
    const { action, content } = whatWasSaid(context, "user");
    return {
      content: [text(`User response: action: ${action}, content: ${JSON.stringify(content)}`)],
    };
  },
  test_elicitation_sep1034_defaults: asksOnce("all", () => ({
    inputRequests: {
      all: inputRequired.elicit({
        message: "All kinds",
        requestedSchema: {
          type: "object",
          properties: {
            name: { type: "string", default: "John Doe" },
            age: { type: "integer", default: 30 },
            score: { type: "number", default: 95.5 },
            status: {
              type: "string",
              enum: ["active", "inactive", "pending"],
              default: "active",
            },
            verified: { type: "boolean", default: true },
          },
        },
      }),
    },
  })),
  test_input_required_result_elicitation(context) {
    if (!answered(context, "user_name")) {
      return inputRequired({ inputRequests: { user_name: asking("What is your name?", "name") } });
    }
    return { content: [text(`Hello, ${whatWasSaid(context, "user_name").content?.name}!`)] };
  },
  test_input_required_result_sampling: asksOnce("capital_question", () => ({
    inputRequests: { capital_question: inputRequired.createMessage(CAPITAL) },
  })),
  test_input_required_result_list_roots: asksOnce("client_roots", () => ({
    inputRequests: { client_roots: inputRequired.listRoots() },
  })),
  async test_input_required_result_request_state(context) {
    if (context.mcpReq.requestState() !== undefined) return { content: [text("state-ok")] };
    return inputRequired({
      inputRequests: { confirm: asking("Please confirm", "ok", "boolean") },
      requestState: await codec.mint({ step: 1 }, context),
    });
  },
  async test_input_required_result_tampered_state(context) {
    if (context.mcpReq.requestState() !== undefined) return { content: [text("state-ok")] };
    return inputRequired({
      inputRequests: { confirm: asking("Please confirm", "ok", "boolean") },
      requestState: await codec.mint({ step: 1 }, context),
    });
  },
  async test_input_required_result_multiple_inputs(context) {
    if (context.mcpReq.requestState() !== undefined) return { content: [text("all there")] };
    return inputRequired({
      inputRequests: {
        user_name: asking("What is your name?", "name"),
        greeting: inputRequired.createMessage({
          messages: [{ role: "user", content: text("Generate a greeting") }],
          maxTokens: 50,
        }),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await codec.mint({ step: 1 }, context),
    });
  },
  async test_input_required_result_multi_round(context) {
    const { step = 0 } = context.mcpReq.requestState<{ step: number }>() ?? {};
    const round = async (step: number, message: string, field: string) =>
      inputRequired({
        inputRequests: { [`step${step}`]: asking(`Step ${step}: ${message}`, field) },
        requestState: await codec.mint({ step }, context),
      });
    if (step === 0) return await round(1, "What is your name?", "name");
    if (step === 1) return await round(2, "What is your favorite color?", "color");
    return { content: [text("done")] };
  },
  // The server asks only for what its client can answer.
  test_input_required_result_capabilities(context) {
    const meta = context.mcpReq.envelope as Record<string, unknown> | undefined;
    const can = (meta?.["io.modelcontextprotocol/clientCapabilities"] ?? {}) as object;
    return inputRequired({
      inputRequests: {
        ...("elicitation" in can ? { user_name: asking("What is your name?", "name") } : {}),
        ...("sampling" in can ? { capital: inputRequired.createMessage(CAPITAL) } : {}),
      },
    });
  },
};

type Prompt = (args: Record<string, string>, context: ServerContext) => object;
const said = (...contents: object[]) => ({
  messages: contents.map((content) => ({ role: "user", content })),
});

const PROMPTS: Readonly<Record<string, Prompt>> = {
  test_simple_prompt: () => said(text("This is a simple prompt for testing.")),
  test_prompt_with_arguments: ({ arg1, arg2 }) =>
    said(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  test_prompt_with_embedded_resource: ({ resourceUri }) =>
    said({
      type: "resource",
      resource: {
        uri: resourceUri,
        mimeType: "text/plain",
        text: "Embedded resource content for testing.",
      },
    }, text("Please process the embedded resource above.")),
  test_prompt_with_image: () => said(image, text("Please analyze the image above.")),
  test_input_required_result_prompt: (_, context) =>
    answered(context, "user_context") ? said(text("with context")) : inputRequired({
      inputRequests: { user_context: asking("What context should the prompt use?", "context") },
    }),
};

function read(uri: string) {
  const id = /^test:\/\/template\/(.+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { uri, mimeType: "application/json", text: data };
  }
  if (uri === "test://static-binary") return { uri, mimeType: "image/png", blob: PNG };
  if (uri === "test://static-text" || uri === "test://watched-resource") {
    return {
      uri,
      mimeType: "text/plain",
      text: "This is the content of the static text resource.",
    };
  }
  throw new ResourceNotFoundError(uri);
}

/** Makes such servers. */
export const fixtureServer: ServerFactory = () => {
  const server = new Server({ name: "fixtures", version: "0" }, {
    capabilities: {
      tools: {},
      prompts: {},
      resources: { subscribe: true },
      completions: {},
      logging: {},
    },
    requestState: { verify: codec.verify },
  });
  server.setRequestHandler("tools/list", () => ({
    tools: Object.keys(TOOLS).map((name) => ({
      name,
      description: name,
      inputSchema: { type: "object" as const },
    })),
  }));
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const tool = TOOLS[params.name];
    if (tool === undefined) throw new Error(`no tool ${params.name}`);
    return await tool(context, params.arguments ?? {}) as never;
  });
  server.setRequestHandler("prompts/list", () => ({
    prompts: Object.keys(PROMPTS).map((name) => ({ name, description: name })),
  }));
  server.setRequestHandler("prompts/get", ({ params }, context) => {
    const prompt = PROMPTS[params.name];
    if (prompt === undefined) throw new Error(`no prompt ${params.name}`);
    return prompt(params.arguments ?? {}, context) as never;
  });
  server.setRequestHandler("resources/list", () => ({
    resources: ["test://static-text", "test://static-binary", "test://watched-resource"]
      .map((uri) => ({ uri, name: uri })),
  }));
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "data" }],
  }));
  server.setRequestHandler("resources/read", ({ params }) => ({ contents: [read(params.uri)] }));
  server.setRequestHandler("resources/subscribe", () => ({}));
  server.setRequestHandler("resources/unsubscribe", () => ({}));
  server.setRequestHandler("completion/complete", () => ({
    completion: { values: ["paris", "park"], total: 2, hasMore: false },
  }));
  return server;
};
