/** Answers that go on, for programs that speak to the API server themselves: watches and followed logs. */
import type { KubeClient } from "../../kube/client.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { lineCutter } from "../../kube/wire/watch_events.ts";
import { concatBytes } from "../../std/bytes.ts";
import { behindOthers, LINES_BEFORE, type Sent, startOfLast } from "./log.ts";

/** Bytes of one line; an event holds an object, whose JSON may be some times etcd's 1.5 MiB. */
const LINE_LIMIT_BYTES = 16 * 1024 * 1024;

const NOTHING = new Uint8Array(0);
const NEWLINE = Uint8Array.of(10);

interface StreamReader {
  readonly kube: Pick<KubeClient, "open" | "send">;
  readonly signal: AbortSignal;
}

/** The events of one watch, to the end of its answer. Nothing is read while none is taken. */
export async function* watchDirectly(
  request: ResourceRequest,
  { kube, signal }: StreamReader,
): AsyncGenerator<Sent> {
  const stream = await kube.open(request, signal);
  yield { form: "json", more: true, body: NOTHING };
  for await (const lines of linesOf(stream)) {
    for (const body of lines) yield { form: "json", more: true, body };
  }
  yield { form: "json", more: false, body: NOTHING };
}

/** Whether a request follows a log, so that its answer has no end. */
export function isFollowed({ verb, subresource, options }: ResourceRequest): boolean {
  return verb === "get" && subresource === "log" && `${options?.follow}` === "true";
}

/**
 * A log as it is written, line by line: what says that a line holds a secret may stand in the lines before
 * it, so each part has those in front.
 */
export async function* followLog(
  request: ResourceRequest,
  reader: StreamReader,
): AsyncGenerator<Sent> {
  const { tailLines, sinceSeconds, sinceTime } = request.options ?? {};
  const isFromStart = [tailLines, sinceSeconds, sinceTime].every((one) => one === undefined);
  const stream = await reader.kube.open(request, reader.signal);
  yield { form: "bytes", more: true, body: NOTHING };
  let before: Uint8Array<ArrayBuffer> | undefined = isFromStart ? NOTHING : undefined;
  for await (const lines of linesOf(stream, true)) {
    const written = concatBytes(lines.flatMap((line) => [line, NEWLINE]));
    const { body, start } = before === undefined
      ? await behindOthers(written, request, reader)
      : { body: concatBytes([before, written]), start: before.length };
    yield { form: "bytes", more: true, body, part: { start, end: body.length } };
    before = body.slice(startOfLast(body, LINES_BEFORE));
  }
  yield { form: "bytes", more: false, body: NOTHING };
}

/** The lines that each chunk completes, without their ends; what has none comes last. */
async function* linesOf(
  stream: ReadableStream<Uint8Array>,
  keepEmpty = false,
): AsyncGenerator<readonly Uint8Array<ArrayBuffer>[]> {
  const cutter = lineCutter(LINE_LIMIT_BYTES, keepEmpty);
  for await (const chunk of stream) {
    const lines = cutter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const rest = cutter.rest();
  if (rest.length > 0) yield [rest];
}
