import assert from "node:assert/strict";
import { CONFIG_SCHEMA } from "../../lib/config/schema.ts";
import { settingsAt } from "../../lib/config/schema_paths.ts";
import { readSettings, withConfig } from "../../lib/config/settings/settings.ts";
import { ROWS } from "../../lib/config/settings/table.ts";
import { ConfigError } from "../../lib/errors.ts";

const environment = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("readSettings() gives defaults where nothing is said, and none that the config file may say", () => {
  assert.deepEqual(readSettings({}), {
    allNamespaces: false,
    demo: false,
    connectTimeoutMs: 10_000,
    execTimeoutMs: 60_000,
    logLevel: "warn",
    toolsets: ["code", "resources"],
    servePrompts: true,
    serveResources: true,
    listCacheMib: 64,
    maxReplicas: 100,
    cliTimeoutMs: 300_000,
    cliMaxOutput: 100_000,
    securityMode: "strict",
    transport: "stdio",
    host: "127.0.0.1",
    port: 8080,
    insecureNoAuth: false,
    drainTimeout: 25_000,
    maxScripts: 8,
    maxWaiting: 200,
    metricsOpen: false,
  });
});

Deno.test("readSettings() takes transports by the names of other servers, and ports", () => {
  const { transport, port } = readSettings(
    {},
    environment({ MCP_TRANSPORT: "Streaming-HTTP", MCP_PORT: "0" }),
  );
  assert.deepEqual({ transport, port }, { transport: "streamable-http", port: 0 });
  assert.equal(readSettings({}, environment({ K8S_MCP_TRANSPORT: "sse" })).transport, "sse");
  assert.throws(
    () => readSettings({}, environment({ MCP_PORT: "tcp://10.0.0.1:80" })),
    /Service.*enableServiceLinks/,
  );
});

Deno.test("a flag goes before its variable, the variable before the config file, that before the default", () => {
  const config = {
    audit: { file: "file" },
    contexts: ["in-file"],
    rateLimits: { enabled: false },
  };
  const env = environment({ KUBECODE_AUDIT: "variable", KUBECODE_CONTEXTS: "in-variable" });
  const settings = withConfig(readSettings({ audit: "flag" }, env), config);
  assert.equal(settings.audit, "flag");
  assert.deepEqual(settings.contexts, ["in-variable"]);
  assert.equal(settings.rateLimiting, false);
  assert.equal(withConfig(readSettings({}), {}).rateLimiting, true);
  assert.equal(withConfig(readSettings({ rateLimiting: "true" }), config).rateLimiting, true);
  assert.equal(withConfig(readSettings({}), config).audit, "file");
});

Deno.test("readSettings() names the help that lists a flag whose value it refuses", () => {
  const hint = (flags: Parameters<typeof readSettings>[0]) => {
    try {
      readSettings(flags, environment({}));
    } catch (error) {
      return (error as ConfigError).hint;
    }
  };
  assert.match(`${hint({ logLevel: "loud" })}`, /^kubecode --help lists/);
  assert.match(`${hint({ port: "80x" })}`, /^kubecode help http lists/);
});

Deno.test("readSettings() makes the mode of the switches that allow changes", () => {
  const mode = (flags: Parameters<typeof readSettings>[0], variables = {}) =>
    readSettings(flags, environment(variables)).mode;
  assert.equal(mode({}), undefined);
  assert.equal(mode({ readWrite: "true" }), "read-write");
  assert.equal(mode({ approve: "yes" }), "approve");
  assert.equal(mode({ readWrite: "false" }), "read-only");
  assert.equal(mode({}, { KUBECODE_APPROVE: "on" }), "approve");
  assert.equal(mode({}, { KUBECODE_APPROVE: "" }), "read-only");
  assert.equal(mode({ approve: "true" }, { KUBECODE_READ_WRITE: "true" }), "approve");
  assert.equal(mode({ readWrite: "false" }, { KUBECODE_APPROVE: "true" }), "approve");
  assert.throws(
    () => mode({ readWrite: "true", approve: "true" }),
    /Cannot use --read-write and --approve together/,
  );
});

Deno.test("readSettings() takes the mode by its name too, and nothing that contradicts it", () => {
  const mode = (flags: Parameters<typeof readSettings>[0], variables = {}) =>
    readSettings(flags, environment(variables)).mode;
  assert.equal(mode({ mode: "approve" }), "approve");
  assert.equal(mode({}, { KUBECODE_MODE: "read-write" }), "read-write");
  assert.equal(mode({}, { KUBECODE_MODE: "" }), undefined, "left blank in a form");
  assert.equal(mode({ mode: "read-only" }, { KUBECODE_READ_WRITE: "true" }), "read-only");
  assert.equal(mode({ approve: "true" }, { KUBECODE_MODE: "read-write" }), "approve");
  assert.equal(mode({ readWrite: "false" }, { KUBECODE_MODE: "read-write" }), "read-only");
  for (
    const [variables, words] of [
      [{ KUBECODE_MODE: "read-only", KUBECODE_READ_WRITE: "true" }, "together"],
      [{ KUBECODE_MODE: "read-write", KUBECODE_READ_WRITE: "false" }, "together"],
      [{ KUBECODE_MODE: "readwrite" }, "must be read-only, read-write or approve"],
    ] as const
  ) assert.throws(() => mode({}, variables), new RegExp(`Cannot use KUBECODE_MODE .*${words}`));
});

Deno.test("readSettings() takes a blank variable for context or namespace as none", () => {
  const blank = { KUBECODE_CONTEXT: "", KUBECODE_NAMESPACE: "" };
  const { context, namespace } = readSettings({}, environment(blank));
  assert.deepEqual([context, namespace], [undefined, undefined]);
  const theirs = environment({ ...blank, K8S_CONTEXT: "theirs" });
  assert.equal(readSettings({}, theirs).context, "theirs");
  const audit = environment({ KUBECODE_AUDIT: "" });
  assert.throws(
    () => readSettings({}, audit),
    /must not be empty/,
    "not where it guards something",
  );
});

Deno.test("readSettings() leaves KUBECONFIG to what reads kubeconfigs: it may name several", () => {
  assert.equal(readSettings({}, environment({ KUBECONFIG: "a:b" })).kubeconfig, undefined);
});

Deno.test("readSettings() names the flag or the variable that it cannot use", () => {
  for (
    const [flags, variables, words] of [
      [{ connectTimeoutMs: "10" }, {}, '--connect-timeout "10": must be a duration such as'],
      [{}, { KUBECODE_MAX_REPLICAS: "-1" }, 'KUBECODE_MAX_REPLICAS "-1": must be a whole number'],
      [{ context: "" }, {}, '--context "": must not be empty'],
      [{ demo: "maybe" }, {}, '--demo "maybe": must be true or false'],
    ] as const
  ) {
    assert.throws(
      () => readSettings(flags, environment(variables)),
      (error: Error) => error instanceof ConfigError && error.message.includes(`use ${words}`),
    );
  }
});

Deno.test("each setting that the config file may say is one of the file's", () => {
  for (const [, { key }] of ROWS) {
    if (key === undefined) continue;
    const path = key.split(".");
    assert.ok(settingsAt(CONFIG_SCHEMA, path.slice(0, -1)).includes(path.at(-1) ?? ""), key);
  }
});

Deno.test("readSettings() reads the variables of k8s-mcp-server where its own are not set", () => {
  const settings = readSettings(
    {},
    environment({
      K8S_CONTEXT: "theirs",
      K8S_NAMESPACE: "",
      K8S_MCP_TIMEOUT: "60",
      K8S_MCP_MAX_OUTPUT: "500",
      K8S_MCP_SECURITY_MODE: "Permissive",
      K8S_MCP_SECURITY_CONFIG: "rules.yaml",
      K8S_MCP_TRANSPORT: "stdio",
    }),
  );
  const { context, namespace, cliTimeoutMs, cliMaxOutput, securityMode, securityConfig } = settings;
  assert.deepEqual(
    { context, namespace, cliTimeoutMs, cliMaxOutput, securityMode, securityConfig },
    {
      context: "theirs",
      namespace: undefined,
      cliTimeoutMs: 60_000,
      cliMaxOutput: 500,
      securityMode: "permissive",
      securityConfig: "rules.yaml",
    },
  );
  const both = environment({ KUBECODE_CONTEXT: "ours", K8S_CONTEXT: "theirs" });
  assert.equal(readSettings({}, both).context, "ours");
  assert.equal(readSettings({}, environment({ K8S_MCP_TIMEOUT: "5m" })).cliTimeoutMs, 300_000);
  for (
    const [name, value] of [
      ["K8S_MCP_TRANSPORT", "carrier pigeon"],
      ["MCP_PORT", "65536"],
      ["K8S_MCP_TIMEOUT", "0"],
      ["K8S_MCP_TIMEOUT", "soon"],
      ["K8S_MCP_MAX_OUTPUT", "-1"],
      ["K8S_MCP_SECURITY_MODE", "lax"],
    ] as const
  ) {
    assert.throws(
      () => readSettings({}, environment({ [name]: value })),
      (error) => error instanceof ConfigError && error.message.includes(`${name} "${value}"`),
      name,
    );
  }
});

Deno.test("a typo in a value that is one of a few is answered with the one that was meant", () => {
  for (const [name, { values }] of ROWS) {
    for (const value of typeof values === "object" ? values : []) {
      assert.throws(() => readSettings({ [name]: `${value}x` }), ({ message }: Error) => {
        const [, near = ""] = message.split("; did you mean ");
        return message.includes(`"${value}x"`) && near.endsWith("?") && near.includes(value);
      }, name);
    }
  }
});
