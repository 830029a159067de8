/** The bodies of answers, each read up to a limit: a server may go on without end. */
import { LimitError } from "../../errors.ts";
import { collectBytes } from "../../std/bytes.ts";

/** How many bytes may be read. */
export interface BodyLimit {
  readonly limitBytes: number;
  /** What is read, as an error names it: `the API server's answer`. */
  readonly what: string;
  readonly hint?: string;
}

/** A limit that several bodies share. */
export interface SharedLimit extends BodyLimit {
  /** Bytes that were read so far. */
  read: number;
}

/** Makes a limit for several bodies together. */
export function sharedLimit(limit: BodyLimit): SharedLimit {
  return { ...limit, read: 0 };
}

/**
 * All of a body.
 *
 * @param room waits until so many bytes more may be held
 * @param broken what is to be made of what came when the connection breaks; the error, if left out
 * @throws {LimitError} it is larger
 */
export async function readBody(
  response: Response,
  limit: BodyLimit | SharedLimit,
  room: (bytes: number) => Promise<void> = () => Promise.resolve(),
  broken?: (came: Uint8Array<ArrayBuffer>, error: unknown) => Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const collected = collectBytes();
  const shared: SharedLimit = "read" in limit ? limit : sharedLimit(limit);
  try {
    for await (const chunk of response.body ?? []) {
      await room(chunk.length);
      shared.read += chunk.length;
      if (shared.read > limit.limitBytes) {
        throw new LimitError(
          `Cannot read ${limit.what}: it is larger than ${limit.limitBytes / 1024 / 1024} MiB`,
          { hint: limit.hint },
        );
      }
      collected.push(chunk);
    }
  } catch (error) {
    if (broken === undefined || error instanceof LimitError) throw error;
    return broken(collected.join(), error);
  }
  return collected.join();
}

/** The beginning of a body; what breaks on the way is left out. */
export async function readStart(
  response: Response,
  limitBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const collected = collectBytes();
  try {
    for await (const chunk of response.body ?? []) {
      collected.push(chunk.subarray(0, limitBytes - collected.length));
      if (collected.length >= limitBytes) break;
    }
  } catch {
    // The status code alone is worth more than the fault of its body.
  }
  return collected.join();
}
