/** The examples of the documents print what the documents say, over the demo cluster. */
import assert from "node:assert/strict";
import { ROOT } from "../../scripts/files.ts";
import { examplesIn, outputOf, WITH_EXAMPLES } from "../../scripts/generators/docs/examples.ts";
import { needs } from "../support/needs.ts";

for (const path of WITH_EXAMPLES) {
  const examples = examplesIn(await Deno.readTextFile(`${ROOT}/${path}`));
  for (const example of examples) {
    Deno.test(needs(["time"], `${path} tells what is printed: ${example.heading}`), async () => {
      assert.equal(await outputOf(example), example.output, "run deno task generate examples");
    });
  }
}

Deno.test("every output stands below what prints it", async () => {
  for (const path of WITH_EXAMPLES) {
    const text = await Deno.readTextFile(`${ROOT}/${path}`);
    const places = [...text.matchAll(/^```text\n/gm)].map((block) => block.index + block[0].length);
    const examples = examplesIn(text).map(({ start }) => start);
    assert.deepEqual(
      places.filter((place) => !examples.includes(place))
        .map((place) => `${path}:${text.slice(0, place).split("\n").length}`),
      [],
      "an output without its script",
    );
  }
});

Deno.test("the README counts the scripts of the cookbook", async () => {
  const [readme, cookbook] = await Promise.all(
    ["README.md", "docs/cookbook.md"].map((path) => Deno.readTextFile(`${ROOT}/${path}`)),
  );
  assert.ok(readme!.includes(` has ${examplesIn(cookbook!).length} more scripts`));
});

Deno.test("the flags of an example can be read above it", async () => {
  for (const path of WITH_EXAMPLES) {
    for (
      const { heading, intro, flags = [] } of examplesIn(await Deno.readTextFile(`${ROOT}/${path}`))
    ) {
      assert.deepEqual(flags.filter((flag) => !intro.includes(`\`${flag}\``)), [], heading);
    }
  }
});

Deno.test("examplesIn() finds scripts with their flags, commands, and outputs", () => {
  const block = (language: string, code: string) => `\`\`\`${language}\n${code}\n\`\`\`\n`;
  const text = [
    block("sh", "kubecode install"),
    "# One\n",
    block("js --dry-run -o json", "1 + 1"),
    block("text", "2"),
    "## Two\n",
    "Why.\n",
    block("sh", "kubecode doctor"),
    "```text\n```\n",
    block("sh", "helm list"),
    block("text", "not an example"),
    block("js", "no.output()"),
  ].join("\n");
  const examples = examplesIn(text);
  assert.deepEqual(examples.map(({ start: _, intro: _intro, ...example }) => example), [
    { heading: "One", code: "1 + 1", flags: ["--dry-run", "-o", "json"], output: "2\n" },
    { heading: "Two", code: "kubecode doctor", output: "" },
  ]);
  assert.equal(examples[1]!.intro.trim(), "Why.");
  for (const { start, output } of examples) assert.ok(text.startsWith(`${output}\`\`\``, start));
});
