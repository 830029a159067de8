/** The pure parts of a release. */
import assert from "node:assert/strict";
import { disagreements, PLACES } from "../../scripts/check_versions.ts";
import { tarGz, zip } from "../../scripts/release/parts/archive.ts";
import { sectionOf } from "../../scripts/release/parts/changelog.ts";
import { packagesOf } from "../../scripts/release/parts/packages.ts";
import { npmTools } from "./tools.ts";
import { runProgram } from "./release.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

- Later.

## [1.1.0] - 2026-02-03

### Added

- Something.

## [1.0.0] - 2026-01-02

## [0.9.0]

- Early.

[1.1.0]: https://example.com/1.1.0
`;

Deno.test("sectionOf() gives what the change log says of one version", () => {
  assert.equal(sectionOf(CHANGELOG, "1.1.0"), "### Added\n\n- Something.\n");
});

Deno.test("sectionOf() refuses a version without a section, a day or any text", () => {
  assert.throws(() => sectionOf(CHANGELOG, "1.2.0"), /has no section "## \[1\.2\.0\]"/);
  assert.throws(() => sectionOf(CHANGELOG, "0.9.0"), /must have the day/);
  assert.throws(() => sectionOf(CHANGELOG, "1.0.0"), /says nothing/);
});

Deno.test("disagreements() names the file and both values", () => {
  const place = { path: "a.json", pattern: /"version": "(.*?)"/g, wanted: "1.0.0" };
  assert.deepEqual(disagreements(place, '{"version": "1.0.0"}'), []);
  assert.deepEqual(disagreements(place, '{"version": "0.9.0"}'), [
    'a.json: "0.9.0" should be "1.0.0"',
  ]);
  assert.match(disagreements(place, "{}")[0] ?? "", /^a\.json: nothing matches/);
});

Deno.test("each place of the version is told apart from what is around it", async () => {
  for (const place of PLACES) {
    const text = await Deno.readTextFile(new URL(`../../${place.path}`, import.meta.url));
    const changed = text.replace(place.pattern, (match, old) => match.replace(old, `${old}9`));
    assert.deepEqual(disagreements(place, changed), [
      `${place.path}: "${place.wanted}9" should be "${place.wanted}"`,
    ]);
  }
});

Deno.test("packagesOf() finds packages by where Deno and the packagers of others put them", () => {
  const cache = "/home/x/.cache/deno/npm/registry.example";
  assert.deepEqual(
    packagesOf([
      `${cache}/zod/4.6.7/v4/core.js`,
      `${cache}/zod/4.6.7_1/v4/core.js`,
      `${cache}/@scope/name/1.0.0-rc.1/index.js`,
      `${cache}/@scope/node_modules/.pnpm/ajv@8.18.0/node_modules/ajv/dist/ajv.js`,
      `${cache}/@scope/node_modules/.pnpm/@a+b@2.0.0_ajv@8.18.0/node_modules/@a/b/index.js`,
      `${cache}/@scope/name/core/src/index.ts`,
      "/source/lib/app.ts",
    ]).map(({ name, version }) => `${name}@${version}`),
    ["@a/b@2.0.0", "@scope/name@1.0.0-rc.1", "ajv@8.18.0", "zod@4.6.7"],
  );
});

const ENTRIES = [
  { path: "run", data: new TextEncoder().encode("#!/bin/sh\necho ran\n"), executable: true },
  { path: "docs/README.md", data: new TextEncoder().encode("é".repeat(5000)) },
  { path: "empty", data: new Uint8Array() },
];
const TIME = new Date("2026-01-02T03:04:06Z");

Deno.test("tarGz() and zip() give the same bytes for the same files, in whatever order", () => {
  for (const pack of [tarGz, zip]) {
    assert.deepEqual(pack(ENTRIES, TIME), pack(ENTRIES.toReversed(), TIME));
    assert.notDeepEqual(pack(ENTRIES, TIME), pack(ENTRIES, new Date(0)));
  }
});

Deno.test("tarGz() is read by tar: names, contents, modes, times", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/a.tar.gz`, tarGz(ENTRIES, TIME));
    const unpacked = await runProgram("tar", ["-xzf", "a.tar.gz"], { cwd: folder });
    assert.equal(unpacked.code, 0, unpacked.stderr);
    await assertUnpacked(folder);
    assert.deepEqual((await Deno.stat(`${folder}/run`)).mtime, TIME);
    const { stdout } = await runProgram("tar", ["-tvzf", "a.tar.gz"], { cwd: folder });
    assert.match(stdout, /^-rw-r--r-- root\/root +10000 .* docs\/README\.md\n/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("zip() is read by what unpacks MCPB bundles: names, contents, modes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const manifest = { path: "manifest.json", data: new TextEncoder().encode("{}") };
    await Deno.writeFile(`${folder}/a.mcpb`, zip([...ENTRIES, manifest], TIME));
    const program = `${await npmTools()}/node_modules/.bin/mcpb`;
    const { code, stdout, stderr } = await runProgram(program, ["unpack", "a.mcpb", "out"], {
      cwd: folder,
    });
    assert.equal(code, 0, stdout + stderr);
    await assertUnpacked(`${folder}/out`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tarGz() and zip() refuse paths that readers would take differently", () => {
  for (const path of ["/etc/passwd", "x".repeat(101), "é", ""]) {
    assert.throws(() => tarGz([{ path, data: new Uint8Array() }], TIME), /Cannot pack/);
    assert.throws(() => zip([{ path, data: new Uint8Array() }], TIME), /Cannot pack/);
  }
});

async function assertUnpacked(folder: string): Promise<void> {
  assert.equal(await Deno.readTextFile(`${folder}/docs/README.md`), "é".repeat(5000));
  assert.equal((await Deno.stat(`${folder}/empty`)).size, 0);
  const { stdout } = await runProgram(`${folder}/run`, []);
  assert.equal(stdout, "ran\n");
}
