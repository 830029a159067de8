/**
 * The image's entry point as a container runtime would start it, on a machine that has none: with
 * nothing but the image's files, read-only, as process 1 of user 65532, without a shell and without
 * capabilities. The network is the machine's own.
 */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { descendants, until } from "../e2e/program.ts";

/** A file that is mounted. */
export interface MountedFile {
  readonly text: string | Uint8Array<ArrayBuffer>;
  /** 0o644 by default; its group is the container's. */
  readonly mode?: number;
}

/** How a container is started. */
export interface ContainerSpec {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files of ConfigMaps, Secrets and the like, by absolute path. */
  readonly files?: Readonly<Record<string, MountedFile>>;
  /** Folders that are writable and in memory. */
  readonly writable?: readonly string[];
  /** Further programs of the image, by absolute path there. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** A container that runs, or ran. */
export interface Container extends AsyncDisposable {
  /** The folder that it has as its root. */
  readonly root: string;
  /** The host's number of process 1. */
  pid(): Promise<number>;
  signal(name: Deno.Signal): Promise<void>;
  /** What it has written so far. */
  readonly output: { stdout: string; stderr: string };
  /** Its exit code, once it has ended. */
  readonly code: Promise<number>;
}

/** The user of the image: `nonroot` of distroless images. */
export const USER = 65532;
export const ENTRYPOINT = "/usr/local/bin/kubecode";

/** Run by sh, in namespaces of its own: `$1` is the root, the words after it the command. */
const START = `set -e
root=$1; shift
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
for device in null zero random urandom; do mount --bind /dev/$device "$root/dev/$device"; done
for mounted in $PROGRAMS; do
  mount --bind "\${mounted%%=*}" "$root\${mounted#*=}"
  mount -o remount,bind,ro "$root\${mounted#*=}"
done
for folder in $WRITABLE; do mount -t tmpfs -o mode=1777,size=64m tmpfs "$root$folder"; done
unset PROGRAMS WRITABLE PWD OLDPWD
exec "$@"`;

/**
 * Starts the binary that `deno task test` has compiled.
 *
 * @throws {Error} on a machine where it may not make namespaces
 */
export async function startContainer(spec: ContainerSpec): Promise<Container> {
  const binary = Deno.env.get("KUBECODE_TEST_BINARY");
  assert.ok(binary, "no binary to test: run the tests by `deno task test`");
  const programs = { [ENTRYPOINT]: binary, ...spec.programs };
  const root = await imageRoot(Object.keys(programs), spec);
  const asRoot = Deno.uid() === 0;
  const child = new Deno.Command("unshare", {
    args: [
      // Who is not root is root in a namespace of users, and cannot be anybody else there.
      ...asRoot ? [] : ["--user", "--map-root-user"],
      ...["--mount", "--pid", "--fork", "--kill-child", "--"],
      ...["sh", "-c", START, "sh", root],
      ...["setpriv", "--no-new-privs", "--inh-caps=-all"],
      ...["--bounding-set=-all,+setuid,+setgid,+sys_chroot"],
      ...["unshare", "--root", root, "--wd", "/"],
      ...asRoot ? ["--setuid", `${USER}`, "--setgid", `${USER}`] : [],
      ...["--", ENTRYPOINT, ...spec.args],
    ],
    clearEnv: true,
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
      ...spec.env,
      PROGRAMS: Object.entries(programs).map(([path, file]) => `${file}=${path}`).join(" "),
      WRITABLE: (spec.writable ?? []).join(" "),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = { stdout: "", stderr: "" };
  const read = async (name: "stdout" | "stderr") => {
    for await (const chunk of child[name].pipeThrough(new TextDecoderStream())) {
      output[name] += chunk;
    }
  };
  const reading = Promise.all([read("stdout"), read("stderr")]);
  let ended = false;
  const code = Promise.all([child.status, reading]).then(([status]) => {
    ended = true;
    return status.code;
  });
  const pid = async () => {
    await until(() => ended || descendants(child.pid).some(isEntryPoint));
    const found = descendants(child.pid).find(isEntryPoint);
    assert.ok(found, `the container has ended: ${output.stderr}`);
    return found;
  };
  return {
    root,
    output,
    code,
    pid,
    async signal(name) {
      Deno.kill(await pid(), name);
    },
    async [Symbol.asyncDispose]() {
      // What unshare would do at its own end is forgotten when the user changes.
      const running = ended ? undefined : descendants(child.pid).find(isEntryPoint);
      if (running !== undefined) Deno.kill(running, "SIGKILL");
      else if (!ended) child.kill("SIGKILL");
      await code;
      await Deno.remove(root, { recursive: true });
    },
  };
}

/** Runs the entry point to its end. */
export async function runContainer(
  spec: ContainerSpec,
): Promise<{ code: number; stdout: string; stderr: string }> {
  await using container = await startContainer(spec);
  return { code: await container.code, ...container.output };
}

/** What the base image has of the C library, and what a kubelet adds to every container. */
async function imageRoot(programs: readonly string[], spec: ContainerSpec): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "kubecode-image-" });
  const folders = ["/proc", "/dev", "/etc/ssl/certs", ...spec.writable ?? []];
  for (const folder of folders) await Deno.mkdir(root + folder, { recursive: true });
  for (const file of await libraries()) await copy(file, root + file);
  await copy("/etc/ssl/certs/ca-certificates.crt", `${root}/etc/ssl/certs/ca-certificates.crt`);
  const empty = [...programs, ...["null", "zero", "random", "urandom"].map((it) => `/dev/${it}`)];
  const files: Record<string, MountedFile> = {
    ...Object.fromEntries(empty.map((path) => [path, { text: "" }])),
    "/etc/passwd": { text: `nonroot:x:${USER}:${USER}:nonroot:/home/nonroot:/sbin/nologin\n` },
    "/etc/hosts": { text: "127.0.0.1 localhost\n" },
    "/etc/resolv.conf": { text: "nameserver 127.0.0.1\n" },
    ...spec.files,
  };
  for (const [path, { text, mode = 0o644 }] of Object.entries(files)) {
    await Deno.mkdir(dirname(root + path), { recursive: true });
    if (typeof text === "string") await Deno.writeTextFile(root + path, text);
    else await Deno.writeFile(root + path, text);
    if (Deno.uid() === 0) await Deno.chown(root + path, 0, USER);
    await Deno.chmod(root + path, mode);
  }
  await Deno.chmod(root, 0o755);
  return root;
}

/** The binary's libraries and loader, as this machine has them. */
export async function libraries(): Promise<string[]> {
  const { stdout } = await new Deno.Command("ldd", {
    args: [Deno.env.get("KUBECODE_TEST_BINARY") ?? ""],
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(from, to);
}

function isEntryPoint(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0")[0] === ENTRYPOINT;
  } catch {
    return false;
  }
}
