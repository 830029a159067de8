/**
 * The guard: a small process of its own that ends what is left of programs when the server has gone,
 * however it went. It learns that by the end of its input, which the system closes with the server.
 */

/**
 * Reads `+ GROUP` and `- GROUP`; then kills the groups that are left and those of their processes that
 * have left the group (by the folder in their environment, where the system shows it), and removes the
 * folder.
 */
const SCRIPT = `
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% "$group" *} \${groups#* "$group" }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
for file in /proc/[0-9]*/environ; do
  if grep -qaF "$1/" "$file"; then pid=\${file#/proc/}; kill -s KILL "\${pid%/environ}"; fi
done
chmod -R u+rwx -- "$1"
rm -rf -- "$1"
`;

/** What is guarded while the server lives. */
export interface Guard {
  /** A process group has begun. */
  add(group: number): void;
  /** It is over. */
  remove(group: number): void;
  /** Ends the guard; it does what it is there for first. */
  close(): Promise<void>;
}

/**
 * Starts a guard. Where there is no shell, as in an image with the program alone, there is none: what
 * ends the server ends its container, and all that runs and lies there.
 *
 * @param folder what it removes at the end
 */
export function startGuard(folder: string): Guard {
  try {
    return guardOf(spawnGuard(folder));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { add() {}, remove() {}, close: () => Promise.resolve() };
  }
}

function spawnGuard(folder: string): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", SCRIPT, "sh", folder],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    // A session of its own: what ends the server's must not end it.
    detached: true,
  }).spawn();
}

function guardOf(process: Deno.ChildProcess): Guard {
  process.unref();
  const input = process.stdin.getWriter();
  const tell = (line: string) => {
    // Without a guard the groups are still ended by the server itself.
    input.write(new TextEncoder().encode(line)).catch(() => {});
  };
  input.closed.catch(() => {});
  return {
    add: (group) => tell(`+ ${group}\n`),
    remove: (group) => tell(`- ${group}\n`),
    async close() {
      await input.close().catch(() => {});
      process.ref();
      await process.status;
    },
  };
}
