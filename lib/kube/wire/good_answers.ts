/**
 * Answers that came as good ones, looked at before they count as such: a proxy or a login page may
 * stand between, and a log may break off. Pure; nothing large is parsed.
 */
import { ApiError, OUTCOME_UNKNOWN } from "../../errors.ts";
import { parseJson } from "../../std/json/unknown.ts";
import type { ResourceRequest } from "./request.ts";
import { failureOf, type StatusContext } from "./status.ts";

const decoder = new TextDecoder();

/** A `Status` says what it is at its beginning, or is short. */
const HEAD_BYTES = 2_048;

/**
 * Checks that an answer is a JSON object, and no failure that came with a good status code.
 *
 * @throws {ApiError} it is something else
 */
export function checkAnswer(
  body: Uint8Array<ArrayBuffer>,
  { verb, subresource }: Pick<ResourceRequest, "verb" | "subresource">,
  where: StatusContext,
): void {
  // What a container writes, or a program behind a proxy, is its own affair.
  if (subresource === "log" || subresource === "proxy") return;
  if (!looksLikeObject(body)) throw notJson(body, verb, where);
  const head = decoder.decode(body.subarray(0, HEAD_BYTES));
  if (!/"kind"\s*:\s*"Status"/.test(head)) return;
  const failure = failureOf(parseJson(decoder.decode(body)), where);
  if (failure) throw failure;
}

function looksLikeObject(body: Uint8Array): boolean {
  const start = body.findIndex((byte) => byte > 32);
  const end = body.findLastIndex((byte) => byte > 32);
  return start >= 0 && body[start] === 0x7b && body[end] === 0x7d;
}

/** The error of an answer that is not JSON, with its first words. */
export function notJson(
  body: Uint8Array,
  verb: ResourceRequest["verb"],
  { server, context }: StatusContext,
): ApiError {
  const words = decoder.decode(body.subarray(0, HEAD_BYTES))
    .replaceAll(/<[^>]*>|\s+/g, " ").trim().slice(0, 200);
  const between = "Does a proxy or a login page stand between, or is it another server?";
  return new ApiError(
    `Cannot read the answer of the API server "${server}" (context "${context}"): it is not a JSON object${
      words && `: ${words}`
    }`,
    {
      status: 0,
      reason: "InvalidAnswer",
      hint: ["get", "list", "watch"].includes(verb) ? between : `${between} ${OUTCOME_UNKNOWN}`,
    },
  );
}

/**
 * What came of a log that breaks off, with a last line that says so. The line that was under way is
 * left out: half a credential does not look like one.
 *
 * @throws the error, where nothing came or it is not the connection's
 */
export function cutLog(log: Uint8Array<ArrayBuffer>, error: unknown): Uint8Array<ArrayBuffer> {
  const end = log.lastIndexOf(10) + 1;
  if (!(error instanceof ApiError) || end === 0) throw error;
  const last = new TextEncoder().encode(`(kubecode: the log breaks off here. ${error.message})\n`);
  const whole = new Uint8Array(end + last.length);
  whole.set(log.subarray(0, end));
  whole.set(last, end);
  return whole;
}
