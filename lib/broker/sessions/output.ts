/**
 * What a command in a pod writes while a program reads it: searched like a log, line by line. What says
 * that a line holds a secret may stand in the lines before it, so those are looked at with it.
 *
 * @see {@link https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets}
 */
import type { Span } from "../../redact/detect/spans.ts";
import { PolicyError } from "../../errors.ts";
import { CLOCK } from "../../std/async.ts";
import { collectBytes, concatBytes } from "../../std/bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Hides what may not be seen of a part of a text; all of the text is looked at. */
export type Hide = (text: Bytes, part: Span) => Promise<Bytes>;

/** The first byte of a message says what it belongs to. */
const CHANNEL = { stdout: 1, stderr: 2 } as const;

/** Bytes of a line that is not at its end yet, and how many of them still wait when there are more. */
const LINE_BYTES = 64 * 1024;
const WAITING_BYTES = 4 * 1024;

/** How long a line waits for its end; what somebody types on a terminal is to appear at once. */
const QUIET_MS = 200;
const TERMINAL_QUIET_MS = 40;

/** How much of what was shown is looked at again, with what follows it. */
const BEFORE_LINES = 64;
const BEFORE_BYTES = 32 * 1024;

const NEWLINE = 10;

/** How long a session may be quiet before a line that is not at its end is shown. */
export function quietMs({ tty = false }: { readonly tty?: boolean }): number {
  return tty ? TERMINAL_QUIET_MS : QUIET_MS;
}

/**
 * The messages of a session, with what the command writes as it may be seen.
 *
 * @param quietMs after which a line that is not at its end is shown: it may be a question
 * @throws {PolicyError} what is hidden stands in something that is no text, such as an archive
 */
export async function* shownMessages(
  messages: ReadableStream<Uint8Array>,
  hide: Hide,
  quietMs: number,
): AsyncGenerator<Uint8Array> {
  const outputs = [CHANNEL.stdout, CHANNEL.stderr].map((channel) => createOutput(channel, hide));
  async function* rest() {
    for (const output of outputs) yield* output.rest();
  }
  const isWaiting = () => outputs.some((output) => output.isWaiting());
  for await (const message of untilQuiet(messages, isWaiting, quietMs)) {
    const output = outputs.find(({ channel }) => channel === message[0]);
    // One byte alone says that its channel is open.
    if (output !== undefined && message.length > 1) yield* output.take(message.subarray(1));
    else {
      // Nothing more, or a status, which comes last.
      yield* rest();
      if (message.length > 0) yield message;
    }
  }
}

const NOTHING = new Uint8Array(0);

/** The messages; an empty one where nothing came for a while, and at the end. */
async function* untilQuiet(
  messages: ReadableStream<Uint8Array>,
  isWaiting: () => boolean,
  quietMs: number,
): AsyncGenerator<Uint8Array> {
  const reader = messages.getReader();
  try {
    for (;;) {
      const reading = reader.read();
      if (isWaiting() && await isQuietFor(quietMs, reading)) yield NOTHING;
      const { done, value } = await reading;
      if (done) return yield NOTHING;
      yield value;
    }
  } catch (error) {
    // What was written before the session broke off is worth reading.
    yield NOTHING;
    throw error;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function isQuietFor(milliseconds: number, reading: Promise<unknown>): Promise<boolean> {
  const quiet = Promise.withResolvers<boolean>();
  using _ = CLOCK.after(milliseconds, () => quiet.resolve(true));
  return await Promise.race([quiet.promise, reading.then(() => false, () => false)]);
}

/** One of the two streams that a command writes. */
function createOutput(channel: number, hide: Hide) {
  let before: Bytes = new Uint8Array(0);
  const waiting = collectBytes();
  let isBinary = false;

  async function* show(bytes: Bytes): AsyncGenerator<Uint8Array> {
    if (bytes.length === 0) return;
    const words = isBinary ? wordsIn(bytes) : bytes;
    const text = concatBytes([before, words]);
    const shown = await hide(text, { start: before.length, end: text.length });
    // With a token in it an archive would be a broken one.
    if (isBinary && !isSame(shown, words)) throw notShown();
    before = lastLines(text);
    yield concatBytes([Uint8Array.of(channel), isBinary ? bytes : shown]);
  }

  return {
    channel,
    isWaiting: () => waiting.length > 0,
    /** Shows the lines that the bytes complete. */
    async *take(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
      isBinary ||= bytes.includes(0);
      const newline = bytes.lastIndexOf(NEWLINE);
      const rest = newline < 0 ? waiting.length + bytes.length : bytes.length - newline - 1;
      waiting.push(bytes);
      if (newline < 0 && rest <= LINE_BYTES) return;
      const all = waiting.join();
      const end = all.length - (rest <= LINE_BYTES ? rest : WAITING_BYTES);
      waiting.push(all.subarray(end));
      yield* show(all.slice(0, end));
    },
    /** Shows what is there of a line. */
    rest: () => show(waiting.join()),
  };
}

/** Bytes of text in a row that are no accident. */
const WORDS_BYTES = 12;

/** What of bytes is text, as the files in an archive are, each of the others as the end of a line. */
function wordsIn(bytes: Bytes): Bytes {
  const words = new Uint8Array(bytes.length).fill(NEWLINE);
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && isText(bytes[at] as number)) continue;
    if (at - start >= WORDS_BYTES) words.set(bytes.subarray(start, at), start);
    start = at + 1;
  }
  return words;
}

/** Whether a byte is a character of ASCII that is printed, a tab or the end of a line. */
function isText(byte: number): boolean {
  return (byte >= 32 && byte < 127) || byte === 9 || byte === NEWLINE || byte === 13;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function lastLines(text: Bytes): Bytes {
  const near = text.subarray(-BEFORE_BYTES);
  let start = near.length;
  for (let lines = 0; lines <= BEFORE_LINES && start > 0; lines++) {
    start = near.lastIndexOf(NEWLINE, start - 1);
    if (start < 0) return near.slice();
  }
  return near.slice(start + 1);
}

function notShown(): PolicyError {
  return new PolicyError(
    "Cannot pass the output on: it is no text, and holds what looks like a credential",
    { hint: "Leave that file out, or have a rule of the policy reveal what is read in this pod." },
  );
}
