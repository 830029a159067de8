/**
 * Between bytes and the strings in which the interpreter keeps them, one character a byte. Pure.
 */
import type { ExecResult, ResolvedCommandContext } from "just-bash";

/** Characters made at a time: `apply` takes no more. */
const STEP = 16_384;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes of a string whose characters are bytes. */
export function toBytes(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** The string whose characters are these bytes. */
export function toBinary(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += STEP) {
    parts.push(
      String.fromCharCode.apply(null, bytes.subarray(at, at + STEP) as unknown as number[]),
    );
  }
  return parts.join("");
}

/** Text of a string whose characters are bytes of UTF-8; what is none of it is replaced. */
export function toText(binary: string): string {
  // deno-lint-ignore no-control-regex -- ASCII alone is the same in both
  return /^[\x00-\x7f]*$/.test(binary) ? binary : decoder.decode(toBytes(binary));
}

/** The string whose characters are the bytes of UTF-8 of a text. */
export function fromText(text: string): string {
  // deno-lint-ignore no-control-regex -- ASCII alone is the same in both
  return /^[\x00-\x7f]*$/.test(text) ? text : toBinary(encoder.encode(text));
}

/** What a command of ours gives: its output as bytes. */
export function result(stdout: string, stderr = "", exitCode = 0): ExecResult {
  return { stdout, stderr, exitCode, stdoutKind: "bytes", stdoutEncoding: "binary" };
}

/** A command that cannot do what it was asked for. */
export function failure(command: string, why: string, exitCode = 1): ExecResult {
  return result("", `${command}: ${why}\n`, exitCode);
}

/** Standard input as the interpreter keeps it: a string of bytes. */
export function stdinOf({ stdin }: ResolvedCommandContext): string {
  return stdin as unknown as string;
}
