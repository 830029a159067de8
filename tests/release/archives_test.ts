/** What a release is downloaded as, and the entries of other registries that point to it. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { VERSION } from "../../lib/version.ts";
import { archiveName, bundleName, PROJECT, TARGETS } from "../../scripts/release/parts/project.ts";
import { SERVER } from "../deploy/server_entry.ts";
import { releaseOfStandIns, runProgram, target, type TestRelease } from "./release.ts";

Deno.test("archives: one for each system, with what goes beside the binary; twice the same", async () => {
  await using release = await releaseOfStandIns();
  const names = TARGETS.map((each) => archiveName(each, VERSION));
  await release.run("archives");
  const first = await Promise.all(names.map(release.hash));
  await release.run("archives");
  assert.deepEqual(await Promise.all(names.map(release.hash)), first);
  const archive = archiveName(target("linux-amd64"), VERSION);
  const { stdout } = await runProgram("tar", ["-tzf", archive], { cwd: release.folder });
  assert.deepEqual(stdout.trim().split("\n"), [
    "LICENSE",
    "README.md",
    "completions/_kubecode",
    "completions/kubecode.bash",
    "completions/kubecode.fish",
    "completions/kubecode.ps1",
    "completions/kubectl_complete-code",
    "kubecode",
    "man/kubecode.1",
  ]);
});

Deno.test("checksums: sha256sum takes the list, and what makes entries of it names its files", async () => {
  await using release = await releaseOfStandIns();
  for (const step of ["archives", "mcpb"]) await release.run(step);
  const said = await release.run("checksums");
  assert.match(said, /Would run: cosign sign-blob --yes --bundle .*SHA256SUMS\.sigstore\.json/);
  const { code, stdout } = await runProgram("sha256sum", ["--check", "SHA256SUMS"], {
    cwd: release.folder,
  });
  assert.equal(code, 0);
  assert.equal(stdout.trim().split("\n").length, 2 * TARGETS.length);
  for (const step of ["registry", "homebrew", "krew"]) await release.run(step);
  await assertEntries(release);
});

async function assertEntries(release: TestRelease): Promise<void> {
  const read = (name: string) => Deno.readTextFile(`${release.folder}/${name}`);
  const { packages } = SERVER.parse(JSON.parse(await read("server.json")));
  assert.deepEqual(packages.map(({ registryType }) => registryType), [
    ...["npm", "oci"],
    ...TARGETS.map(() => "mcpb"),
  ]);
  const formula = await read("homebrew/kubecode.rb");
  const manifest = parse(await read("code.yaml"));
  assert.equal(manifest.metadata.name, PROJECT.plugin);
  assert.deepEqual(manifest.spec.platforms[4], {
    selector: { matchLabels: { os: "windows", arch: "amd64" } },
    uri: `${PROJECT.repository}/releases/download/v${VERSION}/${
      archiveName(target("windows-amd64"), VERSION)
    }`,
    sha256: await release.hash(archiveName(target("windows-amd64"), VERSION)),
    files: [{ from: "kubecode.exe", to: "kubectl-code.exe" }, { from: "LICENSE", to: "." }],
    bin: "kubectl-code.exe",
  });
  for (const [at, each] of TARGETS.entries()) {
    const bundle = packages[at + 2];
    assert.ok(bundle?.registryType === "mcpb");
    assert.equal(bundle.fileSha256, await release.hash(bundleName(each, VERSION)));
    const hash = await release.hash(archiveName(each, VERSION));
    assert.equal(manifest.spec.platforms[at].sha256, hash);
    if (each.os !== "windows") {
      const lines = `url "${manifest.spec.platforms[at].uri}"\n      sha256 "${hash}"`;
      assert.ok(formula.includes(lines), each.name);
    }
  }
}
