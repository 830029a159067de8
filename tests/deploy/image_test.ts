/** The image: what deploy/Dockerfile says, and the entry point in what it holds. */
import assert from "node:assert/strict";
import { ROOT } from "../../scripts/files.ts";
import { descendants } from "../e2e/program.ts";
import { KUBECTL } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { ENTRYPOINT, libraries, runContainer, startContainer, USER } from "./container.ts";

const DOCKERFILE = await Deno.readTextFile(`${ROOT}/deploy/Dockerfile`);

/** Of gcr.io/distroless/cc: libc6 and libgcc-s1. */
const BASE_LIBRARIES = /\/(?:ld-linux-[\w-]+|lib(?:c|dl|m|pthread|rt|resolv|gcc_s))\.so\.\d+$/;

function imageTest(fact: string, body: () => Promise<void>): void {
  Deno.test({
    ...needs(["the binary", "time"], `image: ${fact}`),
    fn: body,
  });
}

Deno.test("image: the Dockerfile starts the entry point that is tested, as a user without a name of its own", () => {
  assert.match(DOCKERFILE, new RegExp(`^ENTRYPOINT \\["${ENTRYPOINT}"\\]$`, "m"));
  assert.match(DOCKERFILE, /^CMD \["--transport", "streamable-http", "--host", "0\.0\.0\.0"\]$/m);
  assert.match(DOCKERFILE, new RegExp(`^USER ${USER}:${USER}$`, "m"));
  assert.match(DOCKERFILE, /^ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=262144$/m);
});

Deno.test("image: it is built from what is in the repository", async () => {
  const ignored = await Deno.readTextFile(`${ROOT}/deploy/Dockerfile.dockerignore`);
  const kept = ignored.split("\n").filter((line) => line.startsWith("!"));
  for (const path of kept) await Deno.stat(`${ROOT}/${path.slice(1)}`);
  const gate = /deno@([\d.]+)/.exec(await Deno.readTextFile(`${ROOT}/.ci/run`))?.[1];
  assert.match(DOCKERFILE, new RegExp(`^ARG DENO_VERSION=${gate}$`, "m"));
});

imageTest("the binary needs no library that the base image does not have", async () => {
  const needed = await libraries();
  assert.ok(needed.length > 0);
  assert.deepEqual(needed.filter((path) => !BASE_LIBRARIES.test(path)), []);
});

imageTest("a script runs without a home, a temporary folder or any writable file", async () => {
  const script = 'k8s.coreV1().pods("").list().items.length > 0';
  const { code, stdout, stderr } = await runContainer({
    args: ["eval", "--demo", "-e", script],
  });
  assert.deepEqual([code, stdout, stderr], [0, "true\n", ""]);
});

imageTest("it runs where the home cannot be written", async () => {
  const { code, stdout, stderr } = await runContainer({
    args: ["doctor", "--demo"],
    env: { HOME: "/root", TMPDIR: "/tmp" },
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /ok {3}sandbox {5}a script runs/);
});

imageTest("as process 1 it ends at SIGTERM, with all that it has started", async () => {
  await using container = await startContainer({
    args: ["eval", "--demo", "--timeout", "60s", "-e", "for (;;) {}"],
  });
  const pid = await container.pid();
  while (descendants(pid).length === 0) await new Promise((wake) => setTimeout(wake, 20));
  const children = descendants(pid);
  assert.match(await Deno.readTextFile(`/proc/${pid}/status`), /^NSpid:\t\d+\t1$/m);
  await container.signal("SIGTERM");
  assert.equal(await container.code, 130);
  for (const child of children) {
    await assert.rejects(Deno.stat(`/proc/${child}`), Deno.errors.NotFound);
  }
});

imageTest("a command line without a folder for temporary files is told to mount one", async () => {
  const { code, stdout, stderr } = await runContainer({
    args: ["run", "--demo", "--", "kubectl", "version"],
    programs: { "/usr/local/bin/kubectl": await Deno.realPath(KUBECTL) },
  });
  assert.equal(code, 2, stdout + stderr);
  assert.match(stderr, /Cannot make a temporary folder in "\/tmp": .*\n?.*TMPDIR/);
});
