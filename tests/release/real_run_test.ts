/**
 * The steps for real, with programs in the places of those that publish: each writes down how it was
 * called. Nothing else could try this without making a release.
 */
import assert from "node:assert/strict";
import { VERSION } from "../../lib/version.ts";
import { ROOT } from "../../scripts/files.ts";
import { isPrerelease, PROJECT, sbomName } from "../../scripts/release/parts/project.ts";
import { type Ended, releaseOfStandIns, runProgram, type TestRelease } from "./release.ts";

const DIGEST = `sha256:${"1".repeat(64)}`;

/** What each stand-in does besides writing down its call. */
const PROGRAMS: Readonly<Record<string, string>> = {
  cosign: "",
  go: "",
  // What is looked for is not there yet.
  gh: '[ "$2" != view ]',
  npm: '[ "$1" != view ]',
  docker:
    `while [ $# -gt 0 ]; do [ "$1" = --metadata-file ] && echo '{"containerimage.digest":"${DIGEST}"}' > "$2"; shift; done`,
  git: 'for word; do case $word in status) echo " M Formula/kubecode.rb";; esac; done',
};

/** Runs a step for real; the calls of programs that it made, in order. */
async function forReal(
  release: TestRelease,
  step: string,
  options: {
    readonly programs?: Readonly<Record<string, string>>;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Ended & { readonly calls: readonly string[] }> {
  const bin = await Deno.makeTempDir({ dir: release.folder });
  for (const [name, script] of Object.entries(options.programs ?? PROGRAMS)) {
    const text = `#!/bin/sh\necho "${name} $*" >> "${bin}/calls"\n${script}\n`;
    await Deno.writeTextFile(`${bin}/${name}`, text, { mode: 0o755 });
  }
  const ended = await runProgram(Deno.execPath(), [
    ...["run", "-A", "--quiet", `${ROOT}/scripts/release/${step}.ts`, "--output", release.folder],
  ], { env: { PATH: `${bin}:/usr/bin:/bin`, SOURCE_DATE_EPOCH: "1700000000", ...options.env } });
  const calls = await Deno.readTextFile(`${bin}/calls`).catch(() => "");
  return { ...ended, calls: calls.trim().split("\n") };
}

async function packed(): Promise<TestRelease> {
  const release = await releaseOfStandIns();
  for (const step of ["archives", "mcpb", "checksums", "krew"]) await release.run(step);
  for (const file of ["notes.md", "SHA256SUMS.sigstore.json"]) {
    await Deno.writeTextFile(`${release.folder}/${file}`, "{}");
  }
  return release;
}

Deno.test("for real: checksums are signed, and without cosign the step fails", async () => {
  await using release = await packed();
  const { code, calls, stderr } = await forReal(release, "checksums");
  assert.equal(code, 0, stderr);
  const list = `${release.folder}/SHA256SUMS`;
  assert.deepEqual(calls, [`cosign sign-blob --yes --bundle ${list}.sigstore.json ${list}`]);
  const without = await forReal(release, "checksums", { programs: {} });
  assert.equal(without.code, 1);
  assert.match(without.stderr, /Cannot go on: there is no program "cosign" on the PATH/);
});

Deno.test("for real: the release is created once, and one that was broken off is completed", async () => {
  await using release = await packed();
  const created = await forReal(release, "github");
  assert.equal(created.code, 0, created.stderr);
  assert.match(created.calls.at(-1) ?? "", /^gh release create v\S+ .*SHA256SUMS\.sigstore\.json/);
  const again = await forReal(release, "github", { programs: { ...PROGRAMS, gh: "" } });
  assert.deepEqual(again.calls.map((call) => call.split(" ")[2]), ["view", "upload", "edit"]);
  await Deno.remove(`${release.folder}/SHA256SUMS.sigstore.json`);
  const unsigned = await forReal(release, "github");
  assert.equal(unsigned.code, 1);
  assert.match(unsigned.stderr, /Cannot publish: no .*SHA256SUMS\.sigstore\.json/);
});

Deno.test("for real: npm gets the binaries before the launcher, and no version twice", async () => {
  await using release = await releaseOfStandIns();
  const { code, calls, stderr } = await forReal(release, "npm");
  assert.equal(code, 0, stderr);
  const published = calls.filter((call) => call.startsWith("npm publish "));
  assert.equal(published.length, 6);
  const tag = isPrerelease(VERSION) ? "next" : "latest";
  assert.ok(published.at(-1)?.endsWith(`/npm/kubecode --provenance --access public --tag ${tag}`));
  const had = `[ "$1" = view ] && echo ${VERSION}; true`;
  const again = await forReal(release, "npm", { programs: { ...PROGRAMS, npm: had } });
  assert.deepEqual(again.calls.filter((call) => call.startsWith("npm publish ")), []);
});

Deno.test("for real: the image is signed by its digest, which the workflow is told", async () => {
  await using release = await releaseOfStandIns();
  const outputs = `${release.folder}/outputs`;
  const git = `${PROGRAMS.git}\ncase $1 in rev-parse) echo abc;; esac`;
  const { code, calls, stderr } = await forReal(release, "image", {
    programs: { ...PROGRAMS, git },
    env: { GITHUB_OUTPUT: outputs },
  });
  assert.equal(code, 0, stderr);
  const built = `${PROJECT.image}@${DIGEST}`;
  assert.deepEqual(calls.slice(-2), [
    `cosign sign --yes ${built}`,
    `cosign attest --yes --type cyclonedx --predicate ${release.folder}/${
      sbomName(VERSION)
    } ${built}`,
  ]);
  assert.equal(await Deno.readTextFile(outputs), `name=${PROJECT.image}\ndigest=${DIGEST}\n`);
});

Deno.test("for real: the formula is pushed where there is a token, which stands in no call", async () => {
  await using release = await packed();
  const without = await forReal(release, "homebrew");
  assert.equal(without.code, 0, without.stderr);
  if (isPrerelease(VERSION)) return assert.match(without.stderr, /does not go to the tap/);
  assert.match(without.stderr, /HOMEBREW_TAP_TOKEN is not set: the formula is left/);
  const env = { HOMEBREW_TAP_TOKEN: "sesame" };
  const { code, calls, stdout, stderr } = await forReal(release, "homebrew", { env });
  assert.equal(code, 0, stderr);
  assert.match(calls.at(-1) ?? "", / push$/);
  assert.doesNotMatch(calls.join() + stdout + stderr, /sesame/);
  const formula = `${release.folder}/homebrew/tap/Formula/kubecode.rb`;
  assert.match(await Deno.readTextFile(formula), /^class Kubecode < Formula\n/);
});

Deno.test("for real: the MCP registry gets an entry with all bundles, or none", async () => {
  await using release = await packed();
  const { code, calls, stderr } = await forReal(release, "registry");
  assert.equal(code, 0, stderr);
  if (isPrerelease(VERSION)) return assert.match(stderr, /does not go to the registry/);
  assert.deepEqual(calls.map((call) => call.split(" ")[3]), ["login", "publish"]);
  await Deno.writeTextFile(`${release.folder}/SHA256SUMS`, "");
  const incomplete = await forReal(release, "registry");
  assert.equal(incomplete.code, 1);
  assert.match(incomplete.stderr, /SHA256SUMS has no kubecode_.*_linux_amd64\.mcpb/);
  assert.deepEqual(incomplete.calls, [""]);
});
