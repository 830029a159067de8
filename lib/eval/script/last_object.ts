/**
 * `{total: 1, names: x}` at the end of a script: an object whose parentheses were forgotten, which the
 * grammar takes for a block, and its keys for labels. Pure.
 */
import { type Node, type Options, parse, parseExpressionAt, type Program } from "acorn";

/** Nothing but white space, semicolons and comments. */
const NOTHING = /^(?:[\s;]|\/\/.*|\/\*[^]*?\*\/)*$/;

/** Places that are tried in a script that does not parse. */
const TRIES = 10;

/** A program whose last statement is an object, and that object, to be put in parentheses. */
export interface EndingInObject {
  readonly program: Program;
  readonly object: Node;
}

/** The object that the block at the end of a program stands for; undefined where it is a block. */
export function objectForBlock(
  script: string,
  program: Program,
  options: Options,
): EndingInObject | undefined {
  const last = program.body.at(-1);
  if (last?.type !== "BlockStatement" || last.body.length !== 1) return undefined;
  const [only] = last.body;
  const labelled = only?.type === "LabeledStatement" && only.body.type === "ExpressionStatement";
  // `{pods, nodes}`; a single name could be meant as either.
  const names = only?.type === "ExpressionStatement" &&
    only.expression.type === "SequenceExpression" &&
    only.expression.expressions.every(({ type }) => type === "Identifier");
  if (!labelled && !names) return undefined;
  return ending(script, last.start, program.body.slice(0, -1), program, options);
}

/** The program that a script is which parses but for the object at its end; undefined for any other. */
export function objectInsteadOfError(
  script: string,
  errorAt: number,
  options: Options,
): EndingInObject | undefined {
  let tries = 0;
  for (
    let at = script.lastIndexOf("{", errorAt);
    at >= 0 && tries < TRIES;
    at = at === 0 ? -1 : script.lastIndexOf("{", at - 1)
  ) {
    if (!/(?:^|[\n;}])[^\S\n]*$/.test(script.slice(Math.max(0, at - 200), at))) continue;
    tries += 1;
    let before: Program;
    try {
      before = parse(script.slice(0, at), options);
    } catch {
      continue;
    }
    const found = ending(script, at, before.body, before, options);
    // What follows a return would never be reached: better the error.
    if (found && before.body.at(-1)?.type !== "ReturnStatement") return found;
  }
  return undefined;
}

function ending(
  script: string,
  at: number,
  before: Program["body"],
  program: Program,
  options: Options,
): EndingInObject | undefined {
  try {
    const object = parseExpressionAt(script, at, options);
    if (object.type !== "ObjectExpression") return undefined;
    if (!NOTHING.test(script.slice(object.end))) return undefined;
    const { start, end } = object;
    const statement = { type: "ExpressionStatement" as const, start, end, expression: object };
    return { object, program: { ...program, body: [...before, statement] } };
  } catch {
    return undefined;
  }
}
