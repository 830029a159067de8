/**
 * What programs write of the moment in which they run. A program that is run twice, for a plan and for
 * what was approved, writes another moment each time and means the same change. Pure.
 */
import type { KubeObject } from "../../kube/types.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { releaseIn } from "../answers/releases.ts";

/** When `kubectl rollout restart` was run. */
const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";

/** Labels of a release's Secret, and fields of the release, that are times. */
const RELEASE_LABELS = ["createdAt", "modifiedAt"];
const RELEASE_TIMES = ["first_deployed", "last_deployed", "deleted"];

/** An object or a patch without such moments; itself where there are none. */
export function withoutMoments(body: unknown): unknown {
  const release = releaseIn(body);
  if (release !== undefined) return releaseState(body as KubeObject, release);
  if (!isRecord(body) || !isRecord(body.spec) || !isRecord(body.spec.template)) return body;
  const { template } = body.spec;
  if (!isRecord(template.metadata) || !isRecord(template.metadata.annotations)) return body;
  const { annotations } = template.metadata;
  if (!Object.hasOwn(annotations, RESTARTED_AT)) return body;
  const timeless = { ...annotations, [RESTARTED_AT]: "" };
  const metadata = { ...template.metadata, annotations: timeless };
  return { ...body, spec: { ...body.spec, template: { ...template, metadata } } };
}

function releaseState(
  secret: KubeObject,
  release: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { labels } = secret.metadata ?? {};
  const info = isRecord(release.info) ? without(release.info, RELEASE_TIMES) : release.info;
  return {
    ...secret,
    metadata: {
      ...secret.metadata,
      ...(labels ? { labels: without(labels, RELEASE_LABELS) } : {}),
    },
    data: { release: { ...release, info } },
  };
}

function without(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
