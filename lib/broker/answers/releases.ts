/**
 * The release Secrets of helm, which helm itself has to read as they are: they hold charts and values, and
 * it would find none of its releases otherwise. What is hidden in them is noted, so that it can be taken
 * out of what helm prints. Everybody else gets them redacted, like all Secrets.
 *
 * @see {@link https://helm.sh/docs/topics/advanced/#storage-backends}
 */
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import type { Redactor } from "../../redact/redactor.ts";
import { hiddenStrings } from "../../redact/writes/live.ts";
import { parseExact } from "../../std/json/exact.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { parseYamlDocuments } from "../../yaml/yaml.ts";
import type { Pause } from "../pauses.ts";
import type { SeenReleases } from "../types.ts";

/** The type of a Secret that holds a release. */
const RELEASE_TYPE = "helm.sh/release.v1";

/** Bytes of one release, unpacked; a Secret holds 1 MiB of it packed. */
const RELEASE_LIMIT_BYTES = 64 * 1024 * 1024;

/** As so many bytes of an answer counts the search of a release. */
const RELEASE_WORK_BYTES = 4 * 1024 * 1024;

/**
 * A release out of its Secret: base64 of base64 of gzip of JSON; undefined for what is none, whatever its
 * type says.
 */
export function releaseIn(secret: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(secret) || secret.type !== RELEASE_TYPE || !isRecord(secret.data)) return undefined;
  const { release, ...others } = secret.data;
  if (typeof release !== "string" || Object.keys(others).length > 0) return undefined;
  try {
    const packed = Buffer.from(Buffer.from(release, "base64").toString("latin1"), "base64");
    const text = gunzipSync(packed, { maxOutputLength: RELEASE_LIMIT_BYTES }).toString();
    const value = parseExact(text);
    return isRecord(value) && isRecord(value.chart) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * An object, list or event for helm: releases as they are, all else redacted.
 *
 * @param hide what others see of an object
 */
export async function withReleases(
  document: unknown,
  hide: (object: unknown) => unknown,
  { redactor, pause }: { readonly redactor: Redactor; readonly pause: Pause },
  seen: SeenReleases,
): Promise<unknown> {
  if (!isRecord(document)) return hide(document);
  if (Array.isArray(document.items)) {
    const items: unknown[] = [];
    for (const item of document.items) items.push(await shownToHelm(item));
    return { ...document, items };
  }
  if (typeof document.type === "string" && isRecord(document.object) && !document.kind) {
    return { ...document, object: await shownToHelm(document.object) };
  }
  return await shownToHelm(document);

  async function shownToHelm(object: unknown): Promise<unknown> {
    const release = releaseIn(object);
    if (release === undefined) return hide(object);
    // A release is a chart and its manifests: others are let in between two of them.
    await pause(RELEASE_WORK_BYTES);
    for (const [value, token] of hiddenIn(release, redactor)) seen.hidden.set(value, token);
    return object;
  }
}

/** What of a release everybody else would not see, each with its token. */
function hiddenIn(
  release: Readonly<Record<string, unknown>>,
  redactor: Redactor,
): Map<string, string> {
  const found = new Map<string, string>();
  const look = (raw: unknown, secrets: boolean) => {
    hiddenStrings({ raw, shown: redactor.value(raw, { secrets }) }, found);
  };
  const { chart, config, manifest, hooks, info } = release;
  look({ config, values: isRecord(chart) ? chart.values : undefined, info }, false);
  const manifests = [
    manifest,
    ...(Array.isArray(hooks) ? hooks : []).map((hook) =>
      isRecord(hook) ? hook.manifest : undefined
    ),
  ];
  for (const text of manifests) {
    if (typeof text !== "string") continue;
    for (const document of documentsIn(text)) {
      look(document, isRecord(document) && document.kind === "Secret");
    }
  }
  return found;
}

function documentsIn(text: string): readonly unknown[] {
  try {
    return parseYamlDocuments(text, "manifest");
  } catch {
    return [text];
  }
}
