/** Where the completion value of a script is kept that runs as the body of a function. Pure. */
import { type AnyNode, type Edit, insert, isNode } from "./edits.ts";

/** Variable that holds the completion value of a wrapped script; a number follows where it is taken. */
export const RESULT = "$result";

/** Statements whose completion value is their body's, or undefined when it has none. */
const RESETTING = new Set([
  "IfStatement",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
  "SwitchStatement",
  "TryStatement",
  "WithStatement",
]);

/**
 * Marks where to insert text so that {@linkcode RESULT} holds the completion value of a list of
 * statements (ECMA-262, "UpdateEmpty" and the statements' evaluation): an expression's value is
 * kept; if, loops, switch and try begin with undefined; a finally block does not count.
 */
export function keepCompletion(statements: readonly unknown[], edits: Edit[]): void {
  for (const statement of statements) keepStatement(statement as AnyNode, edits);
}

function keepStatement(node: AnyNode, edits: Edit[]): void {
  if (node.type === "ExpressionStatement") {
    const expression = node.expression as AnyNode;
    insert(edits, expression, "start", `${RESULT}=(`);
    insert(edits, expression, "end", ")");
    return;
  }
  if (node.type === "BlockStatement") return keepCompletion(node.body as AnyNode[], edits);
  if (node.type === "LabeledStatement") return keepLabeled(node, edits);
  if (!RESETTING.has(node.type)) return;
  insert(edits, node, "start", `{${RESULT}=void 0;`);
  insert(edits, node, "end", "}");
  keepBodies(node, edits);
}

/** A label stays with its loop: the value is reset in front of the label. */
function keepLabeled(node: AnyNode, edits: Edit[]): void {
  let inner = node.body as AnyNode;
  while (inner.type === "LabeledStatement") inner = inner.body as AnyNode;
  if (!RESETTING.has(inner.type)) {
    if (inner.type !== "FunctionDeclaration") keepStatement(inner, edits);
    return;
  }
  insert(edits, node, "start", `{${RESULT}=void 0;`);
  insert(edits, node, "end", "}");
  keepBodies(inner, edits);
}

function keepBodies(node: AnyNode, edits: Edit[]): void {
  if (node.type === "TryStatement") {
    keepStatement(node.block as AnyNode, edits);
    const handler = node.handler as { body: AnyNode } | null;
    if (handler) {
      const { start, loc } = handler.body;
      edits.push({
        at: start + 1,
        edge: "start",
        text: `${RESULT}=void 0;`,
        line: loc?.start.line ?? 1,
        column: (loc?.start.column ?? 0) + 1,
      });
      keepStatement(handler.body, edits);
    }
    return;
  }
  if (node.type === "SwitchStatement") {
    for (const one of node.cases as { consequent: AnyNode[] }[]) {
      keepCompletion(one.consequent, edits);
    }
    return;
  }
  for (const part of [node.consequent, node.alternate, node.body]) {
    if (isNode(part) && part.type !== "FunctionDeclaration") keepStatement(part, edits);
  }
}
