import assert from "node:assert/strict";
import {
  ApiError,
  ConfigError,
  InputError,
  InternalError,
  PolicyError,
} from "../../../lib/errors.ts";
import { type CommandEnd, commandResult, failureResult } from "../../../lib/tools/cli/result.ts";
import { bytesToKeep, cutText, shownOutput } from "../../../lib/tools/cli/shown_output.ts";

const END: CommandEnd = { stdout: "", stderr: "", exitCode: 0, executionMs: 1234.5 };
const TIMES = { exit_code: 0, execution_time: 1.235 };

Deno.test("commandResult() gives the output itself, and the same as data", () => {
  assert.deepEqual(commandResult({ ...END, stdout: "a\n" }), {
    text: ["a\n"],
    structured: { status: "success", output: "a\n", ...TIMES },
  });
});

Deno.test("commandResult() keeps warnings apart, and shows them where there is nothing else", () => {
  const both = commandResult({ ...END, stdout: "a", stderr: "W" });
  assert.deepEqual(both.text, ["a", "W"]);
  assert.deepEqual(both.structured?.stderr, "W");
  const only = commandResult({ ...END, stderr: "No resources found" });
  assert.deepEqual([only.text, only.structured?.output], [
    ["No resources found"],
    "No resources found",
  ]);
  assert.deepEqual(commandResult(END).text, ["(no output)"]);
});

Deno.test("commandResult() takes differences for an answer", () => {
  const { isError, structured } = commandResult({ ...END, exitCode: 1, differs: true });
  assert.equal(isError, undefined);
  assert.deepEqual([structured?.status, structured?.exit_code], ["success", 1]);
});

Deno.test("commandResult() begins errors with their code, and shows what was printed", () => {
  const cases: readonly (readonly [Partial<CommandEnd>, string, string])[] = [
    [{ exitCode: 1, stderr: "no such pod\n", stdout: "half" }, "EXECUTION_ERROR", "no such pod"],
    [{ exitCode: 3 }, "EXECUTION_ERROR", "exit code 3, without a message"],
    [
      { exitCode: 1, stderr: 'Error from server (Forbidden): pods is forbidden: User "x" cannot' },
      "AUTH_ERROR",
      'Error from server (Forbidden): pods is forbidden: User "x" cannot',
    ],
    [
      { exitCode: 1, stderr: "error: You must be logged in to the server (Unauthorized)" },
      "AUTH_ERROR",
      "error: You must be logged in to the server (Unauthorized)",
    ],
    [
      { exitCode: 124, ended: { by: "timeout", afterMs: 1500 }, stdout: "so far" },
      "TIMEOUT_ERROR",
      "the command was ended after 1.5 s",
    ],
    [
      { exitCode: 143, ended: { by: "limit" }, stdout: "y\ny" },
      "EXECUTION_ERROR",
      "the command wrote without an end and was ended",
    ],
    [{ exitCode: 126, refusal: "Cannot edit" }, "VALIDATION_ERROR", "Cannot edit"],
  ];
  for (const [end, code, message] of cases) {
    const { isError, text, structured } = commandResult({ ...END, ...end });
    assert.equal(isError, true);
    assert.equal(text[0], `${code}: ${message}`);
    assert.equal(text[1] ?? "", end.stdout ?? "");
    assert.deepEqual(structured, {
      status: "error",
      output: end.stdout ?? message,
      exit_code: end.exitCode,
      execution_time: 1.235,
      error: { code, message },
    });
  }
});

Deno.test("commandResult() does not call a plan that goes no further an error", () => {
  const ended = { by: "plan", why: "nothing is there to wait for" } as const;
  const { isError, text } = commandResult({ ...END, exitCode: 143, stdout: "a", ended });
  assert.equal(isError, undefined);
  assert.deepEqual(text, ["a", "The plan ends here: nothing is there to wait for"]);
});

Deno.test("failureResult() has a code for each error of the family", () => {
  const code = (error: Parameters<typeof failureResult>[0]) =>
    (failureResult(error).structured?.error as { code: string }).code;
  assert.equal(code(new InputError("x")), "VALIDATION_ERROR");
  assert.equal(code(new PolicyError("x")), "VALIDATION_ERROR");
  assert.equal(code(new ConfigError("x")), "EXECUTION_ERROR");
  assert.equal(code(new ApiError("x", { status: 401, reason: "Unauthorized" })), "AUTH_ERROR");
  assert.equal(code(new ApiError("x", { status: 500, reason: "Error" })), "EXECUTION_ERROR");
  assert.equal(code(new InternalError("x")), "INTERNAL_ERROR");
});

Deno.test("cutText() keeps the beginning, whole characters, and says so in a last line", () => {
  assert.equal(cutText("abc", 3), "abc");
  const line = (kept: number) =>
    `[output cut after ${kept} characters; filter it: | grep, | jq, | head]`;
  assert.equal(cutText("abcd", 3), `abc\n${line(3)}`);
  assert.equal(cutText("ab\ncd", 3), `ab\n${line(3)}`);
  assert.equal(cutText("ab😀", 3), `ab\n${line(2)}`);
  assert.equal(cutText("ab", 3, { isWhole: false }), `ab\n${line(2)}`);
});

Deno.test("shownOutput() never shows the beginning of a value that was cut in the middle", async () => {
  const secret = "s3cret-".repeat(1000);
  const characters = 1000;
  const raw = new TextEncoder().encode(secret.repeat(400)).subarray(0, bytesToKeep(characters));
  const hide = (text: string) => Promise.resolve(text.replaceAll(secret, "[hidden]"));
  const shown = await shownOutput(raw, { isWhole: false, characters, hide });
  assert.ok(!shown.includes("s3cret"), shown.slice(-300));
  assert.match(shown, /output cut after \d+ characters/);
});

Deno.test("shownOutput() shows what is not UTF-8 replaced", async () => {
  const hide = (text: string) => Promise.resolve(text);
  const bytes = new Uint8Array([97, 0xff, 98]);
  assert.equal(await shownOutput(bytes, { isWhole: true, characters: 10, hide }), "a\uFFFDb");
});
