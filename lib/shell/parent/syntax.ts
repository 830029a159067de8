/**
 * Faults of a line that are told with their place before it is run: quotes that are not closed, stages
 * without a command (which the interpreter would skip), and ranges that it would cut short. Pure.
 */

/** Words that a range in braces may make. */
const RANGE_WORDS = 10_000;

/** What is wrong with a line; undefined where nothing is found. */
export function findFault(text: string): string | undefined {
  const reader = createReader(text);
  /** The operator after which a command must come, and where it stands. */
  let open: { readonly sign: string; readonly at: number } | undefined;
  let isStart = true;
  const fault = (what: string, at: number) => `syntax error at ${placeOf(text, at)}: ${what}`;
  while (!reader.isDone()) {
    const at = reader.at();
    const unclosed = reader.skipBlanks();
    if (unclosed !== undefined) return fault("a here-document without its end", unclosed);
    if (reader.at() > at) continue;
    const quote = reader.skipQuoted();
    if (quote === "open") return fault(`the quote ${text.charAt(at)} is not closed`, at);
    if (quote === "closed") {
      [open, isStart] = [undefined, false];
      continue;
    }
    const sign = reader.takeOperator();
    if (sign === undefined) {
      const range = tooWide(text, at);
      if (range) return fault(`${range} makes more than ${RANGE_WORDS} words; use seq`, at);
      reader.skip(1);
      [open, isStart] = [undefined, false];
      continue;
    }
    // The command may stand on the next line.
    if (open && sign === "\n") continue;
    const joins = sign === "|" || sign === "||" || sign === "&&" || sign === "|&";
    if (open && sign !== "(") return fault(`no command between ${open.sign} and ${sign}`, at);
    if (joins && isStart) return fault(`no command before ${sign}`, at);
    open = joins ? { sign, at } : undefined;
    isStart = sign !== ")";
  }
  if (open) return fault(`no command after ${open.sign}`, open.at);
  return undefined;
}

/** Line and column, from 1. */
function placeOf(text: string, at: number): string {
  const before = text.slice(0, at).split("\n");
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function tooWide(text: string, at: number): string | undefined {
  if (text.charAt(at) !== "{") return undefined;
  const match = /^\{(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?\}/.exec(text.slice(at, at + 80));
  if (!match) return undefined;
  const [range, from, to, step] = match;
  const words = Math.abs(Number(to) - Number(from)) / Math.max(1, Math.abs(Number(step ?? 1)));
  return words > RANGE_WORDS ? range : undefined;
}

/** Behind the end of a quoted part that begins here; -1 where it has none. */
function endOfQuote(text: string, from: number): number {
  const quote = text.charAt(from);
  if (quote === "'") return text.indexOf("'", from + 1) + 1 || -1;
  for (let to = from + 1; to < text.length; to++) {
    const character = text.charAt(to);
    if (character === "\\") to += 1;
    else if (character === quote) return to + 1;
    else if (quote === '"' && text.startsWith("$(", to)) {
      const end = endOfSubstitution(text, to + 2);
      if (end < 0) return -1;
      to = end - 1;
    }
  }
  return -1;
}

/** Behind the parenthesis that ends `$(…`. */
function endOfSubstitution(text: string, from: number): number {
  let depth = 1;
  for (let to = from; to < text.length; to++) {
    const character = text.charAt(to);
    if (character === "\\") to += 1;
    else if (character === "(") depth += 1;
    else if (character === ")") {
      depth -= 1;
      if (depth === 0) return to + 1;
    } else if (`'"\``.includes(character)) {
      const end = endOfQuote(text, to);
      if (end < 0) return -1;
      to = end - 1;
    }
  }
  return -1;
}

/** Goes through the text of a line, past what is quoted. */
function createReader(text: string) {
  let at = 0;
  /** Here-documents that begin at the next line. */
  const documents: { readonly end: string; readonly tabs: boolean; readonly at: number }[] = [];

  /** Past the bodies of the here-documents that were announced; gives the place of one without an end. */
  function skipDocuments(): number | undefined {
    for (const { end, tabs, at: begin } of documents.splice(0)) {
      for (;;) {
        if (at >= text.length) return begin;
        const stop = text.indexOf("\n", at);
        const line = text.slice(at, stop < 0 ? text.length : stop);
        at = stop < 0 ? text.length : stop + 1;
        if ((tabs ? line.replace(/^\t+/, "") : line) === end) break;
      }
    }
    return undefined;
  }

  return {
    at: () => at,
    isDone: () => at >= text.length,
    skip: (count: number) => void (at += count),
    /** Blanks, comments, escaped characters and here-documents. */
    skipBlanks(): number | undefined {
      const [blanks = ""] = /^[ \t\r]+|^#[^\n]*/.exec(text.slice(at, at + 65_536)) ?? [];
      const isComment = blanks.startsWith("#") && !/(^|[\s;|&(])$/.test(text.slice(at - 1, at));
      if (blanks !== "" && !isComment) {
        at += blanks.length;
        return undefined;
      }
      if (text.startsWith("\\\n", at)) at += 2;
      const document = /^<<(-?)[ \t]*(\\?)(['"]?)([^\s'"|&;()<>]+)\3/.exec(
        text.slice(at, at + 300),
      );
      if (document && text.charAt(at + 2) !== "<" && !/[<(]$/.test(text.slice(at - 1, at))) {
        documents.push({ end: document[4] ?? "", tabs: document[1] === "-", at });
        at += document[0].length;
        return undefined;
      }
      if (text.charAt(at) !== "\n" || documents.length === 0) return undefined;
      at += 1;
      return skipDocuments();
    },
    /** A quoted part or an escaped character, where one begins here. */
    skipQuoted(): "open" | "closed" | undefined {
      const character = text.charAt(at);
      if (character === "\\") {
        at += 2;
        return "closed";
      }
      if (!`'"\``.includes(character)) return undefined;
      const end = endOfQuote(text, at);
      if (end < 0) return "open";
      at = end;
      return "closed";
    },
    /** An operator that ends a command, where one stands here. */
    takeOperator(): string | undefined {
      const rest = text.slice(at, at + 2);
      const before = text.charAt(at - 1);
      // `>|`, `>&`, `<&`, `&>` and `$(`.
      if (before === ">" || before === "<" || rest === "&>") return undefined;
      const sign = /^(\|\||&&|\|&|;;|[|&;()\n])/.exec(rest)?.[0];
      if (sign === undefined || sign === "(" && before === "$") return undefined;
      at += sign.length;
      return sign;
    },
  };
}
