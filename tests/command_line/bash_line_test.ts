/** Lines of bash that are being typed. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readBashLine, writeBashWord } from "../../lib/command_line/completion/bash_line.ts";

const BREAKS = " \t\n\"'@><=;|&(:";

Deno.test("readBashLine() takes quotes away and expands nothing", () => {
  const line = readBashLine(`kubecode --context 'a b' "c \\" $(x)" d\\ e f`, BREAKS);
  assert.deepEqual(line.words, ["kubecode", "--context", "a b", 'c " $(x)', "d e"]);
  assert.equal(line.current, "f");
});

Deno.test("readBashLine() says what bash keeps of a word", () => {
  const kept = (line: string) => readBashLine(line, BREAKS).kept;
  assert.equal(kept("k --context=a:b"), "--context=a:");
  assert.equal(kept("k a\\:b"), "");
  assert.equal(kept("k x'a:b"), "x");
  assert.equal(kept("k a:b "), "");
});

Deno.test("what is written is read as the same word, in any quotes and behind any start", () => {
  const text = fc.string({ unit: "grapheme-ascii", maxLength: 12 });
  fc.assert(fc.property(text, text, fc.constantFrom("", "'", '"'), (start, rest, quote) => {
    fc.pre(quote !== '"' || !rest.includes("!"));
    const typed = `k ${writeBashWord(start, readBashLine("k ", BREAKS))}${quote}`;
    const line = readBashLine(typed, BREAKS);
    const word = writeBashWord(start + rest, line);
    // Bash puts the word in place of what it does not keep of the one that is typed.
    const written = `k ${
      writeBashWord(line.kept, readBashLine("k ", BREAKS))
    }${quote}${word}${quote}`;
    assert.deepEqual(
      readBashLine(`${written} `, BREAKS).words.slice(1),
      start + rest === "" && quote === "" ? [] : [start + rest],
    );
  }));
});
