/**
 * The protocol's own conformance suite: all that it requires of a server for a revision. Once against
 * kubecode as it is, and once against a server of the suite's own fixtures over the same HTTP.
 */
import assert from "node:assert/strict";
import { createEndpoint } from "../../lib/http/endpoint.ts";
import { createFront } from "../../lib/http/front.ts";
import { listen } from "../../lib/http/listen.ts";
import { mcpRoute } from "../../lib/http/mcp.ts";
import { createLogger } from "../../lib/log.ts";
import { VARIANTS } from "../e2e/program.ts";
import { needs } from "../support/needs.ts";
import { conformanceOf, faultsOf, type NotApplicable } from "./conformance.ts";
import { fixtureServer } from "./fixture_server.ts";
import { startHttp } from "./served.ts";

const FIXTURE = "asks for a fixture of the suite, which the other test has";
const TASKS = "is about tasks, an extension that is not offered";

const all = (reason: string, names: string): NotApplicable =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, reason]));

const TASK_SCENARIOS = all(
  TASKS,
  `tasks-lifecycle tasks-capability-negotiation tasks-wire-fields tasks-request-state-removal
  tasks-mrtr-input tasks-request-headers tasks-dispatch-and-envelope tasks-required-task-error
  tasks-mrtr-composition`,
);

const FIXTURES_OF_BOTH = all(
  FIXTURE,
  `completion-complete tools-call-simple-text tools-call-image tools-call-audio
  tools-call-embedded-resource tools-call-mixed-content tools-call-error tools-call-with-progress
  resources-read-text resources-read-binary resources-templates-read prompts-get-simple
  prompts-get-with-args prompts-get-embedded-resource prompts-get-with-image`,
);

const SCHEMA = {
  "json-schema-2020-12": "asks for a schema of keywords that no tool of kubecode has; not scored",
};

const CUSTOM_HEADERS = {
  "http-custom-header-server-validation":
    "is about arguments in headers, which no tool takes; not scored",
};

/** What does not apply to kubecode as it is, by revision. */
const KUBECODE: Readonly<Record<string, NotApplicable>> = {
  "2026-07-28": {
    ...FIXTURES_OF_BOTH,
    ...TASK_SCENARIOS,
    ...SCHEMA,
    ...CUSTOM_HEADERS,
    ...all(
      FIXTURE,
      `server-stateless:sep-2575-server-rejects-undeclared-capability
      server-stateless:sep-2575-missing-capability-http-400
      server-stateless:sep-2575-http-server-no-independent-requests-on-stream
      server-stateless:sep-2575-server-no-log-without-loglevel
      input-required-result-basic-elicitation input-required-result-basic-sampling
      input-required-result-basic-list-roots input-required-result-request-state
      input-required-result-multiple-input-requests input-required-result-multi-round
      input-required-result-non-tool-request input-required-result-result-type
      input-required-result-tampered-state input-required-result-capability-check`,
    ),
  },
  "2025-11-25": {
    ...FIXTURES_OF_BOTH,
    ...SCHEMA,
    ...all(FIXTURE, "tools-call-sampling tools-call-elicitation elicitation-sep1034-defaults"),
    ...all(FIXTURE, "elicitation-sep1330-enums"),
    ...all(
      "is about logs over the protocol, which are not advertised",
      "logging-set-level tools-call-with-logging",
    ),
    ...all(
      "is about subscriptions to resources, which are not advertised",
      "resources-subscribe resources-unsubscribe",
    ),
  },
};

/** What does not apply to the server of fixtures. */
const FIXTURES: Readonly<Record<string, NotApplicable>> = {
  "2026-07-28": { ...TASK_SCENARIOS, ...SCHEMA, ...CUSTOM_HEADERS },
  "2025-11-25": {
    ...SCHEMA,
    "elicitation-sep1330-enums": "is about choices, where kubecode asks by a checkbox",
  },
};

const REVISIONS = ["2026-07-28", "2025-11-25"];

for (const variant of VARIANTS) {
  Deno.test(
    needs(variant, `conformance, ${variant.name}: what the revisions require`),
    async () => {
      await using served = await startHttp(variant);
      for (const revision of REVISIONS) {
        const checks = await conformanceOf(served.url.href, revision);
        assert.deepEqual(faultsOf(checks, KUBECODE[revision]!), [], revision);
      }
    },
  );
}

Deno.test("conformance, the suite's fixtures over the same HTTP: what the revisions require", async () => {
  const logger = createLogger("silent");
  const endpoint = createEndpoint({ server: fixtureServer, mayAsk: () => true, logger });
  const front = createFront({
    routes: [mcpRoute(() => Promise.resolve({ endpoint, release() {} }))],
    origins: { hosts: [], pages: [], isLocal: true },
    logger,
  });
  const listener = await listen({ host: "127.0.0.1", port: 0 }, front, logger);
  try {
    for (const revision of REVISIONS) {
      const checks = await conformanceOf(`${listener.url}/mcp`, revision);
      assert.deepEqual(faultsOf(checks, FIXTURES[revision]!), [], revision);
    }
  } finally {
    await endpoint.close();
    await listener.close();
  }
});
