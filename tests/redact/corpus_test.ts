/**
 * Recall and precision of the redaction of texts, measured on a corpus: what must be hidden stands
 * between « and », ⏎ is a line break, and ¦ keeps scanners of repositories from taking made-up tokens
 * for real ones.
 */
import assert from "node:assert/strict";
import { createRedactor } from "../../lib/redact/redactor.ts";

const RECALL = 0.98;
const FALSE_POSITIVES = 0.01;

const redactor = createRedactor(new Uint8Array(32));

async function lines(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`corpus/${name}.txt`, import.meta.url));
  return text.trimEnd().split("\n").map((line) => line.replaceAll("⏎", "\n").replaceAll("¦", ""));
}

Deno.test("redactText() hides the credentials of the corpus, and little else of their lines", async () => {
  const corpus = await lines("credentials");
  const leaks: string[] = [];
  let secrets = 0;
  let kept = 0;
  let around = 0;
  for (const line of corpus) {
    const text = line.replaceAll(/[«»]/g, "");
    const redacted = redactor.text(text);
    for (const [, secret] of line.matchAll(/«([^»]*)»/g)) {
      secrets += 1;
      if (redacted.includes(secret!)) leaks.push(text);
    }
    for (const part of line.split(/«[^»]*»/)) {
      for (const word of part.split(/\s+/).filter((one) => one.length > 2)) {
        around += 1;
        if (redacted.includes(word)) kept += 1;
      }
    }
  }
  const recall = 1 - leaks.length / secrets;
  console.log(
    `${secrets} credentials: recall ${(recall * 100).toFixed(2)} %; ` +
      `${(kept / around * 100).toFixed(2)} % of the ${around} words beside them kept`,
  );
  assert.ok(secrets > 400);
  assert.ok(recall >= RECALL, `missed:\n${leaks.join("\n")}`);
  assert.ok(kept / around >= 0.98);
});

Deno.test("redactText() leaves what is no credential alone", async () => {
  const corpus = await lines("public");
  const wrong = corpus.filter((line) => redactor.text(line) !== line);
  const rate = wrong.length / corpus.length;
  console.log(`${corpus.length} harmless texts: ${(rate * 100).toFixed(2)} % redacted by mistake`);
  assert.ok(corpus.length > 300);
  assert.ok(
    rate <= FALSE_POSITIVES,
    wrong.map((line) => `${line}\n  → ${redactor.text(line)}`).join("\n"),
  );
});
