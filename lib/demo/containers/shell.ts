/** A few commands as a container of the demo would answer them, and as much of a shell as they need. */

/** A container, as far as commands show it. */
export interface Machine {
  readonly hostname: string;
  readonly env: Readonly<Record<string, string>>;
  /** What process 1 is. */
  readonly program: string;
  readonly now: () => Date;
  /** The standard input, waited for to its end; "" where there is none. */
  readonly input: () => Promise<string>;
  /** Waits; sooner over when the session ends. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A piece of output; fd 1 is stdout, 2 is stderr. */
interface Output {
  readonly fd: 1 | 2;
  readonly text: string;
}

/** A program that the container does not have. */
export class NotFound extends Error {}

type Running = AsyncGenerator<Output, number>;
type Program = (args: readonly string[], machine: Machine) => Running;

const out = (text: string): Output => ({ fd: 1, text });

/** A program that writes one text and ends. */
const writes = (
  text: (args: readonly string[], machine: Machine) => string | Promise<string>,
  code = 0,
): Program =>
  async function* (args, machine) {
    yield out(await text(args, machine));
    return code;
  };

const FILES: Readonly<Record<string, (machine: Machine) => string>> = {
  "/etc/hostname": ({ hostname }) => `${hostname}\n`,
  "/etc/os-release": () => 'NAME="Demo Linux"\nID=demo\nVERSION_ID=1\n',
  "/proc/1/comm": ({ program }) => `${program}\n`,
  "/app/config.json": () => '{"listen":":8080","logLevel":"info"}\n',
};

const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  "/": ["app", "bin", "dev", "etc", "proc", "tmp", "usr", "var"],
  "/app": ["config.json", "server"],
  "/etc": ["hostname", "os-release"],
  "/tmp": [],
};

const absolute = (path: string) =>
  (path.startsWith("/") ? path : `/app/${path}`).replace(/\/\.?(?=\/|$)/g, "") || "/";

const envText = ({ env }: Machine) =>
  Object.entries(env).map(([name, value]) => `${name}=${value}\n`).join("");

const PROGRAMS: Readonly<Record<string, Program>> = {
  date: writes((_, { now }) => `${now().toISOString().replace(/\.\d+Z$/, "Z")}\n`),
  echo: writes((args) => args[0] === "-n" ? args.slice(1).join(" ") : `${args.join(" ")}\n`),
  env: writes((_, machine) => envText(machine)),
  hostname: writes((_, { hostname }) => `${hostname}\n`),
  id: writes(() => "uid=10001 gid=10001 groups=10001\n"),
  printenv: writes(([name], machine) =>
    name === undefined ? envText(machine) : `${machine.env[name] ?? ""}\n`
  ),
  ps: writes((_, { program }) => `PID   USER     COMMAND\n    1 10001    ${program}\n`),
  pwd: writes(() => "/app\n"),
  uname: writes(() => "Linux\n"),
  whoami: writes(() => "app\n"),
  true: writes(() => ""),
  false: writes(() => "", 1),
  async *cat(args, machine) {
    if (args.length === 0) yield out(await machine.input());
    let code = 0;
    for (const path of args) {
      const file = FILES[absolute(path)];
      if (file) yield out(file(machine));
      else {
        yield { fd: 2, text: `cat: ${path}: No such file or directory\n` };
        code = 1;
      }
    }
    return code;
  },
  async *ls(args) {
    const paths = args.filter((each) => !each.startsWith("-"));
    for (const path of paths.length ? paths : ["."]) {
      const names = FOLDERS[absolute(path)] ?? (FILES[absolute(path)] ? [path] : undefined);
      if (!names) {
        yield { fd: 2, text: `ls: ${path}: No such file or directory\n` };
        return 1;
      }
      yield out(names.map((name) => `${name}\n`).join(""));
    }
    return 0;
  },
  sleep: writes(([seconds], { sleep }) => sleep(Number(seconds) * 1000 || 0).then(() => "")),
  wc: writes(async (_, { input }) => `${new TextEncoder().encode(await input()).length}\n`),
  async *yes([word = "y"]) {
    const text = `${word}\n`.repeat(16 * 1024 / (word.length + 1) + 1);
    for (;;) yield out(text);
  },
  async *sh(args, machine) {
    if (args[0] !== "-c" || args[1] === undefined) return 0;
    return yield* script(args[1], machine);
  },
};

/**
 * Runs a program with its arguments; returns its exit code.
 *
 * @throws {NotFound} there is no such program
 */
export async function* run(words: readonly string[], machine: Machine): Running {
  const [given = "", ...args] = words;
  const name = given.replace(/^(?:\/usr)?\/bin\//, "").replace(/^(?:ba|a|da)sh$/, "sh");
  const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
  if (!program) throw new NotFound(given);
  return yield* program(args, machine);
}

/** Commands joined by `;`, `&&`, `||` and line ends, with variables, quotes, `>&2` and `exit`. */
async function* script(text: string, machine: Machine): Running {
  let code = 0;
  let joint = ";";
  // A quoted text is one piece, whatever it holds.
  const parts = text.match(/(?:'[^']*'|"[^"]*"|(?!&&|\|\|)[^;\n])+|;|&&|\|\||\n/g) ?? [];
  for (const part of parts) {
    if (/^(;|&&|\|\||\n)$/.test(part)) {
      joint = part;
      continue;
    }
    if (part.trim() === "" || (joint === "&&" && code !== 0) || (joint === "||" && code === 0)) {
      continue;
    }
    const { words, toStderr, unknown } = readWords(part, { ...machine.env, "?": `${code}` });
    if (unknown) {
      yield { fd: 2, text: `sh: the demo's shell does not know "${unknown}"\n` };
      return 2;
    }
    if (words[0] === "exit") return Number(words[1] ?? code) & 255;
    try {
      const running = run(words, machine);
      let step = await running.next();
      for (; !step.done; step = await running.next()) {
        yield toStderr ? { fd: 2, text: step.value.text } : step.value;
      }
      code = step.value;
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      yield { fd: 2, text: `sh: ${words[0]}: not found\n` };
      code = 127;
    }
  }
  return code;
}

function readWords(text: string, env: Readonly<Record<string, string>>) {
  const toStderr = /(?<!2)\s*1?>&2/.test(text);
  const words: string[] = [];
  let unknown: string | undefined;
  for (
    const [word, single, double] of text.replace(/\s*(?:1?>&2|2>&1|2>\/dev\/null)/g, " ").matchAll(
      /'([^']*)'|"([^"]*)"|[^\s'"]+/g,
    )
  ) {
    const plain = single === undefined && double === undefined;
    if (plain) unknown ??= /[|<>`()*&]/.exec(word)?.[0];
    const expanded = (double ?? word).replace(
      /\$(?:\{(\w+)\}|(\w+|\?))/g,
      (_, braced, bare) => env[braced ?? bare] ?? "",
    );
    words.push(single ?? expanded);
  }
  return { words, toStderr, unknown };
}
