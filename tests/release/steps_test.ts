/** The steps of a release, dry, with stand-ins for the binaries of systems that this one is not. */
import assert from "node:assert/strict";
import { VERSION } from "../../lib/version.ts";
import { ROOT } from "../../scripts/files.ts";
import { bundleName, sbomName, TARGETS } from "../../scripts/release/parts/project.ts";
import { needs, needsPrograms } from "../support/needs.ts";
import { OWN_TARGET, releaseOfStandIns, runProgram, target, testRelease } from "./release.ts";
import { npmTools } from "./tools.ts";

Deno.test("a step that knows an option or target not refuses it, naming those there are", async () => {
  await using release = await testRelease();
  await assert.rejects(release.run("checksums", "--dryrun"), /Unknown option '--dryrun'/);
  await assert.rejects(
    release.run("archives", "--target", "linux-riscv64"),
    /Cannot build for "linux-riscv64": the targets are linux-amd64, linux-arm64, /,
  );
});

Deno.test("a dry run leaves out what has not been built, and says so; a real one fails", async () => {
  await using release = await testRelease();
  await assert.rejects(release.run("npm"), /there is no binary for linux-amd64, .* run build.ts/);
  await release.place(target("linux-arm64"), new TextEncoder().encode("stand-in"));
  assert.match(
    await release.run("npm"),
    /Left out, for want of a binary: linux-amd64, darwin-amd64, darwin-arm64, windows-amd64\n/,
  );
  const { code, stderr } = await runProgram(Deno.execPath(), [
    ...["run", "-A", "--quiet", `${ROOT}/scripts/release/npm.ts`, "--output", release.folder],
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /Cannot go on: there is no binary for linux-amd64/);
});

Deno.test(
  needs(
    ["time"],
    "mcpb: the official checker takes each manifest; the mode is read-only by default",
  ),
  async () => {
    await using release = await releaseOfStandIns();
    await release.run("mcpb");
    const first = await release.hash(bundleName(OWN_TARGET, VERSION));
    await release.run("mcpb", "--target", OWN_TARGET.name);
    assert.equal(await release.hash(bundleName(OWN_TARGET, VERSION)), first);
    const mcpb = `${await npmTools()}/node_modules/.bin/mcpb`;
    for (const each of TARGETS) {
      const folder = `${release.folder}/${each.name}`;
      const unpacked = await runProgram(mcpb, ["unpack", bundleName(each, VERSION), folder], {
        cwd: release.folder,
      });
      assert.equal(unpacked.code, 0, unpacked.stderr);
      const { code, stdout, stderr } = await runProgram(mcpb, ["validate", folder]);
      assert.equal(code, 0, stdout + stderr);
      const manifest = JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`));
      assert.deepEqual(manifest.compatibility.platforms, [each.node.os]);
      assert.equal(manifest.user_config.mode.default, "read-only");
      assert.ok((await Deno.stat(`${folder}/${manifest.server.entry_point}`)).isFile);
      assert.ok((await Deno.stat(`${folder}/${manifest.icon}`)).isFile);
    }
  },
);

Deno.test(
  needs(["time"], "sbom: valid CycloneDX 1.6, twice the same, of what is in the program alone"),
  async () => {
    await using release = await testRelease();
    await release.run("sbom");
    const first = await release.hash(sbomName(VERSION));
    await release.run("sbom");
    assert.equal(await release.hash(sbomName(VERSION)), first);
    const path = `${release.folder}/${sbomName(VERSION)}`;
    const { components } = JSON.parse(await Deno.readTextFile(path)) as { components: Component[] };
    const names = new Map(components.map((each) => [each.name, each]));
    for (const shipped of ["deno", "server", "zod", "just-bash", "jq-wasm", "ws", "commander"]) {
      assert.ok(names.has(shipped), `${shipped} is in the program`);
    }
    for (
      const other of ["esbuild", "fast-check", "sdk", "x509", "conformance", "undici", "sql.js"]
    ) {
      assert.ok(!names.has(other), `${other} is not in the program`);
    }
    const zod = names.get("zod");
    assert.deepEqual(zod?.licenses, [{ license: { id: "MIT" } }]);
    assert.match(zod?.hashes?.[0]?.content ?? "", /^[0-9a-f]{128}$/);
    assert.equal(await invalidBecause(path), "null");
  },
);

interface Component {
  readonly name: string;
  readonly licenses?: unknown;
  readonly hashes?: readonly { readonly content: string }[];
}

/** What the official validator finds wrong, as JSON; "null" for nothing. */
async function invalidBecause(path: string): Promise<string> {
  const script = `
    import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
    import { readFileSync } from "node:fs";
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    const text = readFileSync(process.env.SBOM, "utf8");
    console.log(JSON.stringify(await validator.validate(text)));`;
  const { code, stdout, stderr } = await runProgram(
    "node",
    ["--input-type=module", "--eval", script],
    { cwd: await npmTools(), env: { SBOM: path } },
  );
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

Deno.test(needsPrograms(["ruby"], "homebrew: Ruby takes the formula's syntax"), async () => {
  await using release = await testRelease();
  await Deno.writeTextFile(`${release.folder}/SHA256SUMS`, "");
  await release.run("homebrew");
  const { code, stdout, stderr } = await runProgram("ruby", ["-c", "kubecode.rb"], {
    cwd: `${release.folder}/homebrew`,
  });
  assert.deepEqual([code, stdout.trim()], [0, "Syntax OK"], stderr);
});

Deno.test("image, github and sign_macos: a dry run shows what would be run, and no secret", async () => {
  await using release = await testRelease();
  const image = await release.run("image");
  assert.match(image, /docker buildx build .*--platform linux\/amd64,linux\/arm64 /);
  assert.match(image, /--sbom=true --provenance=mode=max/);
  assert.match(image, /cosign sign --yes /);
  assert.match(await release.run("github"), /gh release create v\S+ .*--verify-tag /);
  const said = await release.run("sign_macos");
  assert.match(said, /the signature is ad hoc\n/);
  assert.match(said, /codesign --force --options runtime --entitlements \S+ --sign - "\$BINARY"/);
});

Deno.test("sign_macos: with all secrets none is printed; with some it refuses", async () => {
  await using release = await testRelease();
  const names = [
    ...["MACOS_CERTIFICATE", "MACOS_CERTIFICATE_PASSWORD"],
    ...["APPLE_API_KEY", "APPLE_API_KEY_ID", "APPLE_API_ISSUER"],
  ];
  const sign = (secrets: readonly string[]) =>
    runProgram(Deno.execPath(), [
      ...["run", "-A", "--quiet", `${ROOT}/scripts/release/sign_macos.ts`],
      ...["--dry-run", "--output", release.folder],
    ], { env: Object.fromEntries(secrets.map((name) => [name, "sesame"])) });
  const all = await sign(names);
  assert.equal(all.code, 0, all.stderr);
  assert.match(all.stderr, /notarytool submit .*--issuer "\$APPLE_API_ISSUER"/);
  assert.match(all.stderr, /security delete-keychain/);
  assert.doesNotMatch(all.stderr, /sesame/);
  const some = await sign(names.slice(1));
  assert.equal(some.code, 1);
  assert.match(some.stderr, /Cannot sign: of the secrets these are missing: MACOS_CERTIFICATE\n/);
});
