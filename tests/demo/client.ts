/** A plain client for the tests of the demo cluster. */
import { type DemoCluster, startDemo } from "../../lib/demo/demo.ts";

/** An answer's JSON, read as it comes. */
// deno-lint-ignore no-explicit-any -- what comes is what is under test
export type Json = any;

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: Json;
}

/** Sends requests with the cluster's token. */
export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** The token of a demo cluster. */
export function tokenOf({ access }: DemoCluster): string {
  const bearer = access.credentials.bearer;
  return bearer?.kind === "token" ? bearer.token : "";
}

/** Runs a test against a cluster of its own. */
export async function withDemo(
  run: (send: Send, demo: DemoCluster) => Promise<void>,
): Promise<void> {
  const demo = await startDemo();
  try {
    await run(async (method, path, body, headers = {}) => {
      const response = await fetch(`${demo.access.server}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${tokenOf(demo)}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        body: body === undefined
          ? undefined
          : typeof body === "string"
          ? body
          : JSON.stringify(body),
      });
      const text = await response.text();
      let json: Json;
      try {
        json = JSON.parse(text);
      } catch {
        json = undefined;
      }
      return { status: response.status, headers: response.headers, text, json };
    }, demo);
  } finally {
    await demo.close();
  }
}

/** RFC 6902. */
export const JSON_PATCH = { "content-type": "application/json-patch+json" };
/** RFC 7386. */
export const MERGE_PATCH = { "content-type": "application/merge-patch+json" };
/** Strategic merge patch. */
export const STRATEGIC_PATCH = { "content-type": "application/strategic-merge-patch+json" };
/** Server-side apply. */
export const APPLY_PATCH = { "content-type": "application/apply-patch+yaml" };

/** A small deployment. */
export function deployment(name: string, more: Record<string, unknown> = {}): Json {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "main", image: "nginx:1.27" }] },
      },
      ...more,
    },
  };
}
