/** Why a script has no value, by how it ends: a declaration, a loop, a call that gives nothing. Pure. */
import type { Expression, Program } from "acorn";

/** Characters of a name that are repeated. */
const NAME_CHARACTERS = 60;

/** Methods of the language that give undefined where there is nothing. */
const FINDERS: readonly string[] = ["find", "findLast", "at", "get", "pop", "shift"];

const AS_LAST = "write what is wanted as the last expression";

/** The likely cause, for a script that comes to undefined. */
export function whyNoValue({ body }: Program): string {
  const last = body.findLast(({ type }) => type !== "EmptyStatement");
  switch (last?.type) {
    case "VariableDeclaration": {
      const [first] = last.declarations;
      const name = first?.id.type === "Identifier" ? first.id.name : "the name";
      return `the script ends in a declaration: write ${cut(name)} on a line of its own behind it`;
    }
    case "FunctionDeclaration":
      return `the script ends in a function that it does not call: write ${
        last.async ? "await " : ""
      }${cut(last.id.name)}() behind it`;
    case "ForStatement":
    case "ForInStatement":
    case "ForOfStatement":
    case "WhileStatement":
    case "DoWhileStatement":
      return "the script ends in a loop: collect into a list, and write the list behind it";
    case "ExpressionStatement":
      return whyUndefined(last.expression);
    default:
      return AS_LAST;
  }
}

function whyUndefined(given: Expression): string {
  const awaited = given.type === "AwaitExpression" ? given.argument : given;
  const expression = awaited.type === "ChainExpression" ? awaited.expression : awaited;
  if (expression.type === "MemberExpression") {
    const name = nameOf(expression);
    return name === ""
      ? "what the last expression reads is not there"
      : `the last expression reads ${name}, which is not there`;
  }
  if (expression.type !== "CallExpression") return "the last expression is undefined";
  const { callee } = expression;
  const name = callee.type === "Identifier" ? callee.name : nameOf(callee);
  if (name === "forEach") return "forEach gives nothing: write map, or a list behind it";
  if (isConsole(callee)) return `what is printed is no answer: ${AS_LAST}`;
  if (callee.type !== "Identifier" && FINDERS.includes(name)) return `${name}() found nothing`;
  return `${name === "" ? "the last call" : `${cut(name)}()`} gave nothing: let it return a value`;
}

/** The name of the member that is read or called; "" where that is computed. */
function nameOf(node: Expression | { readonly type: "Super" }): string {
  if (node.type !== "MemberExpression" || node.computed) return "";
  return node.property.type === "Identifier" ? cut(node.property.name) : "";
}

function isConsole(node: Expression | { readonly type: "Super" }): boolean {
  return node.type === "MemberExpression" && node.object.type === "Identifier" &&
    node.object.name === "console";
}

function cut(name: string): string {
  return name.length > NAME_CHARACTERS ? `${name.slice(0, NAME_CHARACTERS)}…` : name;
}
