/**
 * Recall and precision of the redaction, measured on two parts of a corpus: one to work with, and one
 * that is only measured. See corpus.ts for how it is written.
 */
import assert from "node:assert/strict";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { type Sample, sampleOf, templatesOf, textOf } from "./corpus.ts";

const redactor = createRedactor(new Uint8Array(32));

/** Of each kind of credential the part that must be hidden; of `printable` no three characters may be left. */
const RECALL: Readonly<Record<string, number>> = {
  "below": 0.95,
  "colour": 0.95,
  "printable": 0.98,
  "bare": 0.9,
  "named": 0.95,
  "first start": 0.85,
  "old": 0.98,
};
/** Copies of each template: what is random or chosen in them differs. */
const COPIES = 5;
const PRINTABLE_COPIES = 40;

/** Of each kind of harmless text the part that may be hidden by mistake. */
const FALSE_POSITIVES = { worked: 0.002, held_out: 0.02 } as const;

const PARTS = ["worked", "held_out"] as const;

function samplesOf(group: string, templates: readonly string[]): Sample[] {
  const copies = group === "printable" ? PRINTABLE_COPIES : COPIES;
  return templates.flatMap((template) =>
    Array.from({ length: copies }, (_, copy) => sampleOf(textOf(template, copy)))
  );
}

/** Whether three characters of a secret are left that nothing beside it says too. */
function isLeft(secret: string, redacted: string, { around }: Sample): boolean {
  const shown = redacted.replaceAll(/\[redacted:[0-9a-f]{12}\]/g, "\n");
  const beside = around.join("\n");
  return Array.from(secret, (_, at) => secret.slice(at, at + 3)).some((piece) =>
    piece.length === 3 && shown.includes(piece) && !beside.includes(piece)
  );
}

interface Measured {
  readonly secrets: number;
  readonly leaks: readonly string[];
  /** Of the words beside the secrets, the part that is shown. */
  readonly kept: number;
}

function measured(samples: readonly Sample[], whole: boolean): Measured {
  const leaks: string[] = [];
  let secrets = 0;
  let kept = 0;
  let words = 0;
  for (const sample of samples) {
    const redacted = redactor.text(sample.text);
    for (const secret of sample.secrets.filter((one) => one !== "")) {
      secrets += 1;
      if (whole ? isLeft(secret, redacted, sample) : redacted.includes(secret)) {
        leaks.push(`${sample.text}\n  → ${redacted}`);
      }
    }
    for (const word of sample.around.join(" ").split(/\s+/).filter((one) => one.length > 2)) {
      words += 1;
      if (redacted.includes(word)) kept += 1;
    }
  }
  return { secrets, leaks, kept: kept / words };
}

for (const part of PARTS) {
  Deno.test(`redactText() hides the credentials of the corpus, and little else: ${part}`, async () => {
    const groups = await templatesOf(`${part}/credentials`);
    if (part === "worked") groups.set("old", await oldLines("credentials"));
    let all = 0;
    for (const [group, templates] of groups) {
      const samples = group === "old" ? templates.map(sampleOf) : samplesOf(group, templates);
      const { secrets, leaks, kept } = measured(samples, group === "printable");
      const recall = 1 - leaks.length / secrets;
      console.log(
        `${group}: ${secrets} credentials, ${(recall * 100).toFixed(1)} % hidden; ` +
          `${(kept * 100).toFixed(1)} % of the words beside them kept`,
      );
      assert.ok(recall >= RECALL[group]!, `${group}, missed:\n${leaks.join("\n")}`);
      assert.ok(kept >= 0.95, `${group}: ${kept}`);
      all += secrets;
    }
    assert.ok(all > 600, String(all));
  });

  Deno.test(`redactText() leaves what is no credential alone: ${part}`, async () => {
    const groups = await templatesOf(`${part}/harmless`);
    const texts = [...groups].flatMap(([group, templates]) =>
      samplesOf(group, templates).map(({ text }) => text)
    );
    if (part === "worked") texts.push(...await oldLines("public"));
    const wrong = texts.filter((text) => redactor.text(text) !== text);
    const rate = wrong.length / texts.length;
    console.log(`${texts.length} harmless texts: ${(rate * 100).toFixed(2)} % redacted by mistake`);
    assert.ok(texts.length > 1_000);
    assert.ok(
      rate <= FALSE_POSITIVES[part],
      wrong.map((text) => `${text}\n  → ${redactor.text(text)}`).join("\n"),
    );
  });
}

/** Lines that were written one by one. */
async function oldLines(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`corpus/${name}.txt`, import.meta.url));
  return text.trimEnd().split("\n").map((line) => textOf(line, 0));
}
