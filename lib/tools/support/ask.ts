/** One call to the broker and its whole answer, for tools that need no pages of their own. */
import type { Broker, BrokerCall } from "../../broker/types.ts";
import { InputError } from "../../errors.ts";
import { holdsNonFinite, parseExact, stringifyExact } from "../../std/json/exact.ts";

/** The answer as text. */
export async function askText(
  broker: Broker,
  call: BrokerCall,
  { body, signal }: { readonly body?: Uint8Array<ArrayBuffer>; readonly signal: AbortSignal },
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of broker.call(call, body, signal)) {
    if (part.again) text = "";
    text += decoder.decode(part.body, { stream: part.more });
  }
  return text;
}

/** The answer as a value; null for an empty one. */
export async function askJson(
  broker: Broker,
  call: BrokerCall,
  options: { readonly body?: Uint8Array<ArrayBuffer>; readonly signal: AbortSignal },
): Promise<unknown> {
  const text = await askText(broker, call, options);
  return text === "" ? null : parseExact(text);
}

/**
 * A value as the body of a request.
 *
 * @throws {InputError} a value that is nested too deep to be written, a number that JSON has not
 */
export function toBody(value: unknown): Uint8Array<ArrayBuffer> {
  let text: string;
  try {
    text = stringifyExact(value);
  } catch (cause) {
    throw new InputError("Cannot send the object: it is nested too deep", { cause });
  }
  if (text.includes("null") && holdsNonFinite(value)) {
    throw new InputError("Cannot send the object: a number in it is larger than JSON readers take");
  }
  return new TextEncoder().encode(text);
}
