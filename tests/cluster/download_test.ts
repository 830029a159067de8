import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { download, findChecksum, findReleaseDigest, UnreachableError } from "./download.ts";

const PROGRAM = "#!/bin/sh\necho from the release\n";
const SHA256 = createHash("sha256").update(PROGRAM).digest("hex");
const LIMITS = { connectMs: 5_000, stallMs: 5_000 };
const NEVER = new AbortController().signal;

/** A site with one release file, and a folder to download to. */
async function site(answers: Readonly<Record<string, () => Response | Promise<Response>>>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const answer = answers[new URL(request.url).pathname];
    return answer ? answer() : new Response("none", { status: 404 });
  });
  const work = await Deno.makeTempDir({ prefix: "kubecode-download-" });
  return {
    base: `http://127.0.0.1:${server.addr.port}`,
    work,
    path: `${work}/program`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Deno.remove(work, { recursive: true });
    },
  };
}

function source(base: string) {
  return { url: `${base}/kwok`, checksum: { from: "text", url: `${base}/kwok.sha256` } } as const;
}

Deno.test("download() keeps a program whose checksum is the published one", async () => {
  await using at = await site({
    "/kwok": () => new Response(PROGRAM),
    "/kwok.sha256": () => new Response(`${SHA256}\n`),
  });
  await download(source(at.base), at.work, at.path, NEVER, LIMITS);
  const { stdout } = await new Deno.Command(at.path).output();
  assert.equal(new TextDecoder().decode(stdout), "from the release\n");
});

Deno.test("download() takes the checksum from a GitHub release", async () => {
  await using at = await site({
    "/kwok": () => new Response(PROGRAM),
    "/release": () => Response.json({ assets: [{ name: "kwok", digest: `sha256:${SHA256}` }] }),
  });
  const checksum = { from: "release", url: `${at.base}/release` } as const;
  await download({ url: `${at.base}/kwok`, checksum }, at.work, at.path, NEVER, LIMITS);
  assert.equal(await Deno.readTextFile(at.path), PROGRAM);
});

Deno.test("download() takes the program out of an archive", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/linux`);
  await Deno.writeTextFile(`${folder}/linux/helm`, PROGRAM);
  await new Deno.Command("tar", { args: ["-czf", "all.tar.gz", "linux"], cwd: folder }).output();
  const archive = await Deno.readFile(`${folder}/all.tar.gz`);
  await Deno.remove(folder, { recursive: true });
  const sum = createHash("sha256").update(archive).digest("hex");
  await using at = await site({
    "/all.tar.gz": () => new Response(archive),
    "/sums": () => new Response(`${"0".repeat(64)}  other.tar.gz\n${sum}  all.tar.gz\n`),
  });
  const url = `${at.base}/all.tar.gz`;
  const checksum = { from: "text", url: `${at.base}/sums` } as const;
  await download({ url, checksum, member: "linux/helm" }, at.work, at.path, NEVER, LIMITS);
  assert.equal(await Deno.readTextFile(at.path), PROGRAM);
});

Deno.test("download() keeps nothing when the checksum is another", async () => {
  await using at = await site({
    "/kwok": () => new Response("tampered"),
    "/kwok.sha256": () => new Response(SHA256),
  });
  await assert.rejects(
    download(source(at.base), at.work, at.path, NEVER, LIMITS),
    /its SHA-256 is [0-9a-f]{64}, not /,
  );
  await assert.rejects(Deno.stat(at.path), Deno.errors.NotFound);
});

Deno.test("download() keeps nothing when no checksum is published", async () => {
  await using at = await site({
    "/kwok": () => new Response(PROGRAM),
    "/kwok.sha256": () => new Response("<html>not a checksum</html>"),
  });
  await assert.rejects(
    download(source(at.base), at.work, at.path, NEVER, LIMITS),
    /Cannot find a checksum for "kwok"/,
  );
  await assert.rejects(Deno.stat(at.path), Deno.errors.NotFound);
});

Deno.test("download() tells a file that is missing from a site that is", async () => {
  await using at = await site({});
  await assert.rejects(
    download(source(at.base), at.work, at.path, NEVER, LIMITS),
    ({ name, message }: Error) => name === "Error" && /HTTP 404/.test(message),
  );
  const unused = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = unused.addr;
  unused.close();
  await assert.rejects(
    download(source(`http://127.0.0.1:${port}`), at.work, at.path, NEVER, LIMITS),
    UnreachableError,
  );
});

Deno.test("download() gives up a site that does not answer", async () => {
  const answered = Promise.withResolvers<Response>();
  await using at = await site({ "/kwok.sha256": () => answered.promise });
  await assert.rejects(
    download(source(at.base), at.work, at.path, NEVER, { ...LIMITS, connectMs: 50 }),
    (error: Error) =>
      error instanceof UnreachableError && /no answer within 50 ms/.test(error.message),
  );
  answered.resolve(new Response());
});

Deno.test("download() gives up a body that stands still", async () => {
  await using at = await site({
    "/kwok.sha256": () => new Response(SHA256),
    "/kwok": () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode("#")),
        }),
      ),
  });
  await assert.rejects(
    download(source(at.base), at.work, at.path, NEVER, { ...LIMITS, stallMs: 50 }),
    /no byte came for 50 ms/,
  );
});

Deno.test("findChecksum() reads a lone checksum, and the line of a file", () => {
  const [one, other] = ["a".repeat(64), "B".repeat(64)];
  assert.equal(findChecksum(`${one}\n`, "kubectl"), one);
  assert.equal(
    findChecksum(`${one}  etcd.zip\n${other} *etcd.tar.gz\n`, "etcd.tar.gz"),
    "b".repeat(64),
  );
  assert.equal(findChecksum(`${one}  a\n${other}  b\n`, "c"), undefined);
  assert.equal(findChecksum("", "kubectl"), undefined);
});

Deno.test("findReleaseDigest() reads only a SHA-256 of the file", () => {
  const sum = "c".repeat(64);
  const release = { assets: [{ name: "kwok", digest: `sha256:${sum}` }, { name: "old" }] };
  assert.equal(findReleaseDigest(release, "kwok"), sum);
  assert.equal(findReleaseDigest(release, "old"), undefined);
  assert.equal(findReleaseDigest({ message: "rate limited" }, "kwok"), undefined);
});
