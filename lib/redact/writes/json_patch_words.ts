/**
 * What is left of what a JSON patch writes where it wrote it: later operations move and remove. The
 * patch is played on a copy of the object's shape, in which only its writer's words are known. Pure.
 */
import { isNumber, isRecord } from "../../std/json/unknown.ts";
import { below, pointerStep, type Written } from "./own_words.ts";

/** A value of the copy. What it is that stood there before nobody needs to know. */
type Node =
  | { readonly kind: "leaf"; readonly own?: string }
  | { readonly kind: "list"; readonly items: Slot[] }
  /** Also for what was copied or moved, whose shape is not known. */
  | { readonly kind: "map"; readonly fields: Map<string, Slot>; readonly isKnown: boolean };

/** Where a value stands. */
interface Slot {
  readonly node: Node;
  /** Where an operation has put it; it counts only as long as it stands there. */
  readonly writtenAt?: string;
  /** The key is one of the writer's words too. */
  readonly ownKey?: true;
}

/** Members of lists that may be moved for all operations together: beyond, no words are told. */
const MOVES = 4_000_000;

/**
 * What a JSON patch (RFC 6902) writes, and where it is in the end.
 *
 * @param raw the object before
 */
export function writtenByJsonPatch(patch: unknown, raw: unknown): Written {
  let root = shapeOf(raw, false);
  const budget = { moves: MOVES };
  for (const operation of Array.isArray(patch) ? patch : []) {
    const { op, value, path, from } = (operation ?? {}) as Record<string, unknown>;
    if (typeof path !== "string" || op === "test") continue;
    if (op === "move" && typeof from === "string") remove(root, stepsOf(from), budget);
    if (op === "remove") remove(root, stepsOf(path), budget);
    else {
      const isOwn = op === "add" || op === "replace";
      const node = isOwn ? shapeOf(value, true) : unknownNode();
      const steps = stepsOf(path);
      if (steps.length === 0) root = node;
      else put(root, steps, { node, isOwn, replaces: op === "replace" }, budget);
    }
    if (budget.moves < 0) return () => false;
  }
  const texts = new Map<string, string>();
  collect(root, "", texts);
  return ({ byIndex }, text) => texts.get(byIndex) === text;
}

function unknownNode(): Node {
  return { kind: "map", fields: new Map(), isKnown: false };
}

/** @param isOwn it is what the patch writes */
function shapeOf(value: unknown, isOwn: boolean): Node {
  if (Array.isArray(value)) {
    return { kind: "list", items: value.map((one) => ({ node: shapeOf(one, isOwn) })) };
  }
  if (isRecord(value)) {
    const fields = Object.entries(value).map(([key, one]): [string, Slot] => [
      key,
      { node: shapeOf(one, isOwn), ...(isOwn ? { ownKey: true } : {}) },
    ]);
    return { kind: "map", fields: new Map(fields), isKnown: true };
  }
  const hasText = typeof value === "string" || isNumber(value);
  return isOwn && hasText ? { kind: "leaf", own: String(value) } : { kind: "leaf" };
}

/** Does what the server does, where the copy has the place; elsewhere the server will refuse. */
function put(
  root: Node,
  steps: readonly string[],
  { node, isOwn, replaces }: {
    readonly node: Node;
    readonly isOwn: boolean;
    readonly replaces: boolean;
  },
  budget: { moves: number },
): void {
  const parent = parentOf(root, steps);
  const step = steps.at(-1) ?? "";
  if (parent?.kind === "list") {
    const index = step === "-" ? parent.items.length : Number(step);
    if (!Number.isInteger(index) || index < 0 || index > parent.items.length) return;
    const slot = slotAt([...steps.slice(0, -1), `${index}`], node, isOwn);
    if (replaces) {
      parent.items[index] = slot;
      return;
    }
    budget.moves -= parent.items.length - index;
    parent.items.splice(index, 0, slot);
  } else if (parent?.kind === "map") {
    // It may be a list, all of whose later members move.
    if (!parent.isKnown && !replaces) parent.fields.clear();
    const mayMove = !parent.isKnown && /^(?:-|\d+)$/.test(step);
    if (!mayMove) parent.fields.set(step, slotAt(steps, node, isOwn));
  }
}

function remove(root: Node, steps: readonly string[], budget: { moves: number }): void {
  const parent = parentOf(root, steps);
  const step = steps.at(-1) ?? "";
  if (parent?.kind === "list") {
    const index = Number(step);
    if (!Number.isInteger(index) || index < 0) return;
    budget.moves -= parent.items.length - index;
    parent.items.splice(index, 1);
  } else if (parent?.kind === "map") {
    if (!parent.isKnown) parent.fields.clear();
    parent.fields.delete(step);
  }
}

function slotAt(steps: readonly string[], node: Node, isOwn: boolean): Slot {
  if (!isOwn) return { node };
  return { node, writtenAt: steps.reduce((path, step) => below(path)(pointerStep(step)), "") };
}

function parentOf(root: Node, steps: readonly string[]): Node | undefined {
  if (steps.length === 0) return undefined;
  return steps.slice(0, -1).reduce((node: Node | undefined, step) => {
    if (node?.kind === "list") return node.items[Number(step)]?.node;
    return node?.kind === "map" ? node.fields.get(step)?.node : undefined;
  }, root);
}

function collect(node: Node, path: string, texts: Map<string, string>): void {
  const at = below(path);
  const visit = ({ node, writtenAt, ownKey }: Slot, key: string) => {
    const place = at(pointerStep(key));
    if (writtenAt !== undefined && writtenAt !== place) return;
    if (ownKey) texts.set(`${place}/\0`, key);
    collect(node, place, texts);
  };
  if (node.kind === "leaf") {
    if (node.own !== undefined) texts.set(path, node.own);
  } else if (node.kind === "list") node.items.forEach((slot, index) => visit(slot, `${index}`));
  else for (const [key, slot] of node.fields) visit(slot, key);
}

/** To the API server `x/data` is `/data`: what stands before the first slash is not looked at. */
function stepsOf(pointer: string): readonly string[] {
  return pointer.split("/").slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
