/** `explain`: what the cluster's own schemas say about a field, as a short text. */
import { ResolveError } from "../../errors.ts";
import type { KubeClient } from "../client.ts";
import { FRESH_MS } from "../discovery/kept_index.ts";
import { type ExplainPath, findField, parseExplainPath } from "./path.ts";
import { explainText } from "./text.ts";
import { schemaOfKind, type Schemas } from "../schemas/openapi.ts";
import { qualifiedName } from "../../names/resolve.ts";
import type { ApiResource } from "../types.ts";

/** What to explain. */
interface ExplainRequest {
  /** As `kubectl explain` takes it: `deployment.spec.strategy`. */
  readonly path: string;
  readonly group?: string;
  readonly version?: string;
  /** Length of the text, in characters. */
  readonly limitCharacters?: number;
}

/** Length of an explanation where none is asked for, in characters. */
const EXPLANATION_CHARACTERS = 2_000;

/**
 * Explains a field.
 *
 * @throws {ResolveError} a resource, a schema or a field that is not there; the hint has near names
 */
export async function explain(
  client: KubeClient,
  { path, limitCharacters = EXPLANATION_CHARACTERS, ...given }: ExplainRequest,
  signal: AbortSignal,
): Promise<string> {
  const { resource, fields } = await resolvePath(client, path, given, signal);
  const find = async (maxAgeMs: number) => {
    const schemas = await client.schemas(resource, { maxAgeMs, signal });
    return schemas && { schemas, root: schemaOfKind(schemas, resource) };
  };
  const found = await find(FRESH_MS);
  // A definition made a moment ago is served before it is described.
  const described = found?.root ? found : await find(0);
  const what = qualifiedName(resource);
  if (described?.root === undefined) {
    throw new ResolveError(
      `Cannot explain ${what}: the cluster publishes no schema of ${resource.kind}`,
      { hint: "Get an object of it and look at that one's fields." },
    );
  }
  const { schemas, root } = described as { schemas: Schemas; root: unknown };
  return explainText(schemas, {
    what: `${what} ${resource.kind}`,
    name: await plainName(client, resource, signal),
    field: findField(schemas, root, fields, what),
    limitCharacters,
  });
}

/** The shortest name that means the resource and no other. */
async function plainName(
  client: KubeClient,
  resource: ApiResource,
  signal: AbortSignal,
): Promise<string> {
  const meant = await client.resolve({ resource: resource.resource }, signal);
  const same = meant.group === resource.group && meant.version === resource.version;
  return same ? resource.resource : qualifiedName(resource);
}

/** As the client resolves names: one that is not known leads to one new discovery. */
async function resolvePath(
  client: KubeClient,
  path: string,
  given: { readonly group?: string; readonly version?: string },
  signal: AbortSignal,
): Promise<ExplainPath> {
  try {
    return parseExplainPath(await client.index({ signal }), path, given);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    return parseExplainPath(await client.index({ maxAgeMs: FRESH_MS, signal }), path, given);
  }
}
