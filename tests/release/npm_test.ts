/** The npm packages as people install them, on node alone, with the binary of this machine. */
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { VERSION } from "../../lib/version.ts";
import { TARGETS } from "../../scripts/release/parts/project.ts";
import { until } from "../e2e/program.ts";
import { needs } from "../support/needs.ts";
import { processTransport } from "../support/process_transport.ts";
import { type Published, startRegistry } from "./npm_registry.ts";
import {
  baseEnvironment,
  type Ended,
  OWN_TARGET,
  runProgram,
  testBinary,
  type TestRelease,
  testRelease,
} from "./release.ts";

/** Packs a package of the release; the path of its archive. */
async function pack(release: TestRelease, name: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram("npm", ["pack", "--json", `./npm/${name}`], {
    cwd: release.folder,
  });
  assert.equal(code, 0, stderr);
  const [{ filename }] = JSON.parse(stdout);
  return `${release.folder}/${filename}`;
}

/** A project in which archives have been installed: the path of its `kubecode`. */
async function install(
  release: TestRelease,
  archives: readonly string[],
  ...options: string[]
): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: release.folder, prefix: "a project " });
  await Deno.writeTextFile(`${folder}/package.json`, '{"private":true}\n');
  const common = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { code, stderr } = await runProgram(
    "npm",
    ["install", ...common, ...options, ...archives],
    {
      cwd: folder,
    },
  );
  assert.equal(code, 0, stderr);
  return `${folder}/node_modules/.bin/kubecode`;
}

/** A launcher whose package for this system has a script of a few lines as its binary. */
async function launcherOf(release: TestRelease, script: string): Promise<string> {
  await release.place(OWN_TARGET, new TextEncoder().encode(`#!/bin/sh\n${script}\n`));
  await release.run("npm", "--target", OWN_TARGET.name);
  const { os, cpu } = OWN_TARGET.node;
  return await install(release, [
    await pack(release, "kubecode"),
    await pack(release, `${os}-${cpu}`),
  ]);
}

/** The packages of a release with the binary of this machine and stand-ins for the others. */
async function published(release: TestRelease): Promise<Published[]> {
  for (const each of TARGETS) await release.place(each, new Uint8Array());
  await release.place(OWN_TARGET, { path: testBinary() });
  await release.run("npm");
  const names = ["kubecode", ...TARGETS.map(({ node: { os, cpu } }) => `${os}-${cpu}`)];
  const fits = ["kubecode", `${OWN_TARGET.node.os}-${OWN_TARGET.node.cpu}`];
  return await Promise.all(names.map(async (name) => {
    const path = `${release.folder}/npm/${name}/package.json`;
    const manifest = JSON.parse(await Deno.readTextFile(path));
    return fits.includes(name) ? { manifest, archive: await pack(release, name) } : { manifest };
  }));
}

Deno.test(
  needs(["the binary", "time"], "npm: npx gets the binary that fits, and runs it"),
  async () => {
    await using release = await testRelease();
    await using registry = startRegistry(await published(release));
    const env = {
      HOME: release.folder,
      npm_config_cache: `${release.folder}/cache`,
      npm_config_registry: registry.url,
    };
    const npx = (...args: string[]) =>
      runProgram("npx", ["-y", "kubecode", ...args], { cwd: release.folder, env });
    const version = await npx("--version");
    assert.ok(version.stdout.startsWith(`${VERSION} (npm`), version.stdout + version.stderr);
    const { os, cpu } = OWN_TARGET.node;
    assert.deepEqual(registry.fetched.sort(), [`@kubecode/${os}-${cpu}`, "kubecode"]);
    const evaluated = (script: string) => npx("eval", "--demo", "-e", script);
    assert.equal(
      (await evaluated('k8s.coreV1().pods("shop").list().items.length > 0')).stdout,
      "true\n",
    );
    assert.equal((await evaluated('throw new Error("no")')).code, 1);
    const transport = processTransport({
      command: "npx",
      args: ["-y", "kubecode", "--demo"],
      env: { ...baseEnvironment(), ...env },
    });
    const client = new Client({ name: "test", version: "0" });
    await client.connect(transport);
    assert.equal(client.getServerVersion()?.version, VERSION);
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === "evaluate_script"));
    await client.close();
  },
);

Deno.test("npm: the launcher passes arguments, exit code, signals and streams on", async () => {
  await using release = await testRelease();
  const kubecode = await launcherOf(
    release,
    `case "$1" in
      exit) exit "$2" ;;
      die) kill -9 $$ ;;
      wait) trap 'echo ended; exit 5' TERM; echo ready; while :; do sleep 0.05; done ;;
      *) printf '<%s>' "$@"; cat ;;
    esac`,
  );
  assert.equal((await runProgram(kubecode, ["a b", "", '"$x"'])).stdout, '<a b><><"$x">');
  assert.equal((await runProgram(kubecode, ["exit", "124"])).code, 124);
  assert.equal((await runProgram(kubecode, ["die"])).signal, "SIGKILL");
  const child = new Deno.Command(kubecode, {
    args: ["wait"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) said += chunk;
  })();
  await until(() => said === "ready\n");
  child.kill("SIGTERM");
  const { code } = await child.status;
  await reading;
  assert.deepEqual([code, said], [5, "ready\nended\n"], "the binary decided how to end");
});

Deno.test("npm: KUBECODE_BINARY is a path, and is not passed on: it may lead to the launcher itself", async () => {
  await using release = await testRelease();
  const kubecode = await launcherOf(release, "");
  const folder = kubecode.replace(/node_modules.*/, "");
  // Of the name of a program on PATH.
  const own = '#!/bin/sh\necho "this one: ${KUBECODE_BINARY-none}"\n';
  await Deno.writeTextFile(`${folder}/sh`, own, { mode: 0o755 });
  const named = await runProgram(kubecode, [], { env: { KUBECODE_BINARY: "sh" }, cwd: folder });
  assert.equal(named.stdout, "this one: none\n", named.stderr);
});

Deno.test("npm: what is missing is said with the way out", async () => {
  await using release = await testRelease();
  await release.place(OWN_TARGET, new TextEncoder().encode("#!/no/such/loader\n"));
  await release.run("npm", "--target", OWN_TARGET.name);
  const launcher = await pack(release, "kubecode");
  const assertSays = ({ code, stderr }: Ended, wantedCode: number, ...words: RegExp[]) => {
    assert.equal(code, wantedCode, stderr);
    for (const each of words) assert.match(stderr, each);
  };

  const bare = await install(release, [launcher], "--omit=optional");
  const { os, cpu } = OWN_TARGET.node;
  assertSays(
    await runProgram(bare, []),
    127,
    new RegExp(`^kubecode: the package @kubecode/${os}-${cpu} is not installed`),
    /--omit=optional/,
  );

  const own = await runProgram(bare, ["-c", "echo own"], { env: { KUBECODE_BINARY: "/bin/sh" } });
  assert.equal(own.stdout, "own\n");
  assertSays(
    await runProgram(bare, [], { env: { KUBECODE_BINARY: "/no such" } }),
    127,
    /KUBECODE_BINARY names "\/no such", which does not exist/,
  );

  const on = (change: string, kubecode: string) =>
    runProgram("node", [
      "--import",
      `data:text/javascript,${encodeURIComponent(change)}`,
      kubecode,
    ]);
  assertSays(
    await on('Object.defineProperty(process, "arch", { value: "riscv64" })', bare),
    126,
    /there is no binary for \w+-riscv64; there are those for linux-x64, linux-arm64, darwin-x64/,
    /github\.com/,
  );

  const broken = await install(release, [launcher, await pack(release, `${os}-${cpu}`)]);
  assertSays(await runProgram(broken, []), 126, /^kubecode: cannot start ".*": .*ENOENT/);
  const musl = "process.report.getReport = () => ({ header: {} })";
  for (const kubecode of [bare, broken]) {
    assertSays(
      await on(musl, kubecode),
      126,
      /has musl, .* needs glibc/,
      /node:22-slim/,
      /docker run/,
    );
  }
});
