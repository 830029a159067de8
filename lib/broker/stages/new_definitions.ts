/**
 * A custom resource is served a moment after its definition is created. The broker waits for it, so
 * that a script can create the definition and then an object of it.
 */
import type { KubeClient } from "../../kube/client.ts";
import type { Change } from "../change.ts";

const POLL_MS = 100;
const PATIENCE_MS = 5_000;

/**
 * After a definition has been written, waits until discovery shows its resource; gives up in silence
 * after 5 s (the definition may be faulty: the next request will say so). Other requests: nothing.
 */
export async function waitUntilServed(
  { request, content }: Change,
  { kube, signal }: { readonly kube: KubeClient; readonly signal: AbortSignal },
): Promise<void> {
  if (
    request.resource.resource !== "customresourcedefinitions" || request.verb === "delete"
  ) return;
  const defined = readDefinition(content?.value);
  if (defined === undefined) return;
  const end = performance.now() + PATIENCE_MS;
  do {
    // The definition is already stored: a failure here is not a failure of the write.
    const index = await kube.index({ maxAgeMs: 0, signal }).catch(() => undefined);
    const served = defined.versions.every((wanted) =>
      index?.versions.some(({ group, version, resources }) =>
        group === defined.group && version === wanted &&
        resources.some(({ resource }) => resource === defined.plural)
      )
    );
    if (served) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  } while (performance.now() < end && !signal.aborted);
}

function readDefinition(body: unknown) {
  const { spec } = Object(body) as {
    spec?: {
      group?: unknown;
      names?: { plural?: unknown };
      versions?: { name?: unknown; served?: unknown }[];
    };
  };
  const versions = (Array.isArray(spec?.versions) ? spec.versions : [])
    .filter(({ served }) => served === true).map(({ name }) => name);
  const group = spec?.group;
  const plural = spec?.names?.plural;
  return typeof group === "string" && typeof plural === "string"
    ? { group, plural, versions }
    : undefined;
}
