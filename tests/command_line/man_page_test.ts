/** The manual page. */
import assert from "node:assert/strict";
import { manPage } from "../../lib/command_line/man_page.ts";
import { defineProgram } from "../../lib/command_line/program.ts";
import { ROWS } from "../../lib/config/settings/table.ts";
import { needsPrograms } from "../support/needs.ts";

const PAGE = manPage(defineProgram(() => {}));

/** What a program says of the page on its standard input. */
async function ask(program: string, ...args: string[]): Promise<{ out: string; err: string }> {
  const child = new Deno.Command(program, {
    args,
    env: { MANWIDTH: "200", LC_ALL: "C.UTF-8" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(PAGE));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("the manual page has all commands and all settings with their variables", () => {
  const text = PAGE.replaceAll("\\-", "-");
  for (const name of ["eval", "run", "policy check", "token new", "completion"]) {
    assert.match(text, new RegExp(`^\\.SS "kubecode ${name} `, "m"));
  }
  for (const [, { flag, variable }] of ROWS) {
    assert.ok(text.includes(`.B "${flag}"`), flag);
    if (variable !== undefined) assert.ok(text.includes(`[${variable}]`), variable);
  }
});

Deno.test("no line of the manual page is a request by accident", () => {
  const requests = PAGE.split("\n").flatMap((line) => /^[.'](\w*)/.exec(line)?.[1] ?? []);
  const used = new Set(["TH", "SH", "SS", "TP", "PP", "B", "BR", "br", "nf", "fi", "nh", "ad"]);
  assert.deepEqual(requests.filter((name) => !used.has(name)), []);
});

Deno.test({
  ...needsPrograms(["groff"], "groff formats the manual page without a warning"),
  async fn() {
    const { out, err } = await ask("groff", "-man", "-ww", "-Tutf8", "-");
    assert.equal(err, "");
    // A letter is printed twice where it is bold.
    assert.match(out.split(/.\cH/).join(""), /--context <NAME>/);
  },
});

Deno.test({
  ...needsPrograms(["mandoc"], "mandoc finds nothing in the manual page but that it has no date"),
  async fn() {
    // A date would differ between two builds of the same commit.
    const { out } = await ask("mandoc", "-Tlint", "-Wall");
    assert.deepEqual(
      out.split("\n").filter((line) => line !== "" && !/missing date/.test(line)),
      [],
    );
  },
});
