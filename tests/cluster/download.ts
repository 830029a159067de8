/** Downloads a release file; nothing is kept whose checksum is not the published one. */
import { createHash } from "node:crypto";
import type { Download } from "./programs.ts";

/** The site cannot be reached at all, so that trying other files of the web is a waste of time. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** Limits of a download. */
export interface DownloadLimits {
  /** How long the answer may take to begin. */
  readonly connectMs: number;
  /** How long the body may stand still. */
  readonly stallMs: number;
}

const LIMITS: DownloadLimits = { connectMs: 5_000, stallMs: 30_000 };

/**
 * Downloads the program to a path, executable.
 *
 * @param work an existing folder for what lies about meanwhile; the caller removes it
 * @param path where the program gets, on the same file system as `work`
 * @throws {UnreachableError} when there is no answer from the site
 * @throws {Error} when the site does not have the file, or the checksum is another
 */
export async function download(
  source: Download,
  work: string,
  path: string,
  signal: AbortSignal,
  limits: DownloadLimits = LIMITS,
): Promise<void> {
  const name = source.url.slice(source.url.lastIndexOf("/") + 1);
  const expected = await publishedChecksum(source, name, signal, limits);
  const file = `${work}/download`;
  const actual = await save(source.url, file, signal, limits);
  if (actual !== expected) {
    throw new Error(`Cannot use "${source.url}": its SHA-256 is ${actual}, not ${expected}.`);
  }
  let program = file;
  if (source.member !== undefined) {
    const { success, stderr } = await new Deno.Command("tar", {
      args: ["-xzf", file, "-C", work, source.member],
      stdin: "null",
    }).output();
    if (!success) {
      throw new Error(`Cannot unpack "${source.url}": ${new TextDecoder().decode(stderr).trim()}`);
    }
    program = `${work}/${source.member}`;
  }
  await Deno.chmod(program, 0o755);
  await Deno.rename(program, path);
}

/** The SHA-256, in lower-case hexadecimal, that a text gives for a file; undefined if it has none. */
export function findChecksum(text: string, file: string): string | undefined {
  const lines = text.split("\n");
  const line = lines.find((each) => each.trimEnd().endsWith(file)) ??
    (lines.filter((each) => each.trim() !== "").length === 1 ? text : undefined);
  return line?.match(/\b[0-9a-fA-F]{64}\b/)?.[0].toLowerCase();
}

/** The same from the answer of GitHub's releases API. */
export function findReleaseDigest(release: unknown, file: string): string | undefined {
  const { assets } = (release ?? {}) as { assets?: { name?: string; digest?: string | null }[] };
  const digest = assets?.find((asset) => asset.name === file)?.digest;
  return digest?.match(/^sha256:([0-9a-f]{64})$/)?.[1];
}

async function publishedChecksum(
  { checksum }: Download,
  name: string,
  signal: AbortSignal,
  limits: DownloadLimits,
): Promise<string> {
  const response = await get(checksum.url, signal, limits);
  const found = checksum.from === "text"
    ? findChecksum(await response.text(), name)
    : findReleaseDigest(await response.json(), name);
  if (found === undefined) {
    throw new Error(`Cannot find a checksum for "${name}": none in ${checksum.url}.`);
  }
  return found;
}

/** Writes the body to a file and gives its SHA-256. */
async function save(
  url: string,
  path: string,
  signal: AbortSignal,
  limits: DownloadLimits,
): Promise<string> {
  const stalled = new AbortController();
  const response = await get(url, AbortSignal.any([signal, stalled.signal]), limits);
  const hash = createHash("sha256");
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const reason = new Error(`Cannot download "${url}": no byte came for ${limits.stallMs} ms.`);
  let timer = setTimeout(() => stalled.abort(reason), limits.stallMs);
  try {
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(reason), limits.stallMs);
      hash.update(chunk);
      for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
    }
  } finally {
    clearTimeout(timer);
  }
  return hash.digest("hex");
}

async function get(url: string, signal: AbortSignal, limits: DownloadLimits): Promise<Response> {
  const connect = new AbortController();
  const timer = setTimeout(() => connect.abort(), limits.connectMs);
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.any([signal, connect.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    const state = connect.signal.aborted
      ? `no answer within ${limits.connectMs} ms`
      : causeOf(error);
    throw new UnreachableError(`Cannot reach "${new URL(url).host}": ${state}.`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`Cannot download "${url}": HTTP ${response.status}.`);
  }
  return response;
}

/** The message of what lies behind an error of `fetch`, which itself says no more than that. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
