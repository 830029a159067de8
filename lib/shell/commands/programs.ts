/** Programs as commands of the shell: each start is asked of the parent. */
import { type Command, defineCommand } from "just-bash";
import { joinParts, SHELL_LIMITS, type StartHeader } from "../protocol.ts";
import { failure, result, stdinOf, toBinary, toBytes, toText } from "../base/bytes.ts";
import { namedFiles } from "./named_files.ts";

/** What a program has given. */
export interface Ended {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

/** Asks the parent to start a program; resolves when that has ended. */
export type Start = (header: StartHeader, body: Uint8Array<ArrayBuffer>) => Promise<Ended>;

/** Characters of all words of one start; the parent takes no longer header. */
const WORDS_LIMIT = 96 * 1024;

/** A program as a command. */
export function programCommand(program: string, start: Start): Command {
  return defineCommand(program, async (words, context) => {
    const length = JSON.stringify(words).length;
    if (length > WORDS_LIMIT) {
      return failure(
        program,
        `argument list too long: ${length} bytes, the limit is ${WORDS_LIMIT}; use xargs -n`,
        126,
      );
    }
    if (words.some((word) => word.includes("\0"))) {
      return failure(program, "a word holds a NUL character", 126);
    }
    const { argv, files } = await namedFiles(words, context);
    const { parts, body } = joinParts([["", toBytes(stdinOf(context))], ...files]);
    if (body.length > SHELL_LIMITS.inputBytes) {
      const most = SHELL_LIMITS.inputBytes / 2 ** 20;
      return failure(program, `its standard input and files have more than ${most} MiB`, 126);
    }
    if (files.length > SHELL_LIMITS.files) {
      return failure(program, `its words name more than ${SHELL_LIMITS.files} files`, 126);
    }
    const ended = await start({ program, argv, parts }, body);
    return result(toBinary(ended.stdout), toText(toBinary(ended.stderr)), ended.exitCode);
  });
}
