/** Options whose meaning depends on the program: `mysql -pX`, `curl -u user:X`, `sshpass -p X`. Pure. */
import { createScan, scannable } from "./anchors.ts";
import type { Span } from "./spans.ts";
import { isPlain } from "./values.ts";

/** A program, by the words that its name begins with, and its options. */
export interface Program {
  readonly words: readonly string[];
  /** Sticky: the rest of its name. */
  readonly name: RegExp;
  /** Of the groups the last that matches is the value. */
  readonly options: RegExp;
}

const VALUE = `(?:"([^"\\n]+)"|'([^'\\n]+)'|([^\\s"'-][^\\s]*))`;
const PAIR = `(?:"[^"\\n:]*:([^"\\n]+)"|'[^'\\n:]*:([^'\\n]+)'|[^\\s"':]*:${VALUE})`;

/** The programs. */
export const PROGRAMS: readonly Program[] = [
  {
    words: ["mysql", "mariadb", "xtrabackup", "mariabackup"],
    name: /[\w-]{0,40}/y,
    options: new RegExp(`\\s-p${VALUE}`, "gd"),
  },
  {
    words: [
      ...["docker", "podman", "nerdctl", "helm", "crane", "skopeo", "oras", "az", "buildah"],
      ...[
        "mongo",
        "sshpass",
        "redis-benchmark",
        "sqlcmd",
        "cqlsh",
        "rabbitmqadmin",
        "ldap",
        "htpasswd",
      ],
    ],
    name:
      /(?:(?<=docker|podman|nerdctl|helm|crane|skopeo|oras|az|buildah)(?: registry| auth)? login|(?<=mongo|ldap)\w{0,40}|(?<=sshpass|redis-benchmark|sqlcmd|cqlsh|rabbitmqadmin|htpasswd))/y,
    options: new RegExp(`\\s-[pPw][ =]?${VALUE}`, "gd"),
  },
  {
    words: ["redis-cli", "valkey-cli", "keydb-cli"],
    name: /(?:)/y,
    options: new RegExp(`\\s-a[ =]${VALUE}`, "gd"),
  },
  {
    words: ["curl", "wget", "http", "ab ", "hey "],
    name: /(?:(?<=http)s?|(?<=curl|wget)|(?<= ))/y,
    options: new RegExp(`\\s(?:-u|--user|--proxy-user)[ =]?${PAIR}`, "gd"),
  },
  {
    words: ["7z", "zip", "unzip"],
    name: /a?/y,
    options: new RegExp(`\\s-[pP] ?${VALUE}`, "gd"),
  },
  {
    words: ["create secret"],
    name: /(?: generic)?/y,
    options: new RegExp(`\\s--from-literal[ =]["']?[\\w.-]{1,253}=${VALUE}`, "gd"),
  },
];

/** A command, to where the next one begins. */
const COMMAND = /(?:[^\n;|&\\]|\\(?:\r?\n)?){0,1000}/y;

/** Takes the places of a text where names of programs begin, in order; tells whether one is a command. */
export function programVisitor(
  text: string,
  spans: Span[],
): (program: Program, start: number, end: number) => boolean {
  // What was looked at for a program is not looked at again.
  const done = new Map<Program, number>();
  return (program, start, end) => {
    if (start < (done.get(program) ?? 0)) return true;
    if (start > 0 && !/[\s/"'=;&|(]/.test(text[start - 1]!)) return false;
    const { name, options } = program;
    name.lastIndex = end;
    if (
      !name.test(text) || !/\s/.test(text[name.lastIndex - (text[end - 1] === " " ? 1 : 0)] ?? "")
    ) {
      return false;
    }
    COMMAND.lastIndex = end;
    const command = COMMAND.exec(text)![0];
    done.set(program, end + command.length);
    for (const match of command.matchAll(options)) {
      const at = match.findLastIndex((group, index) => index > 0 && group !== undefined);
      const value = match[at];
      if (value === undefined || isPlain(value)) continue;
      // A port, a project, a folder: those letters mean other things to other subcommands.
      if (/^(?:\d{1,5}(?::\d{1,5})*(?:\/\w+)?|\/\S*|\d[\d.]*:\d+:\d+)$/.test(value)) continue;
      const [from, to] = match.indices![at]!;
      spans.push({ start: end + from, end: end + to });
    }
    return true;
  };
}

const words = PROGRAMS.flatMap((program) => program.words.map((word) => ({ program, word })));
const scan = createScan(words.map(({ word }) => word));

/** Where a command line gives a password by an option of its program. */
export function programOptions(text: string, spans: Span[]): void {
  const visit = programVisitor(text, spans);
  scan(scannable(text), {
    word: (index, start) => visit(words[index]!.program, start, start + words[index]!.word.length),
    run: () => {},
    stop: () => {},
  });
}
