/** Words that are added to a tool's answer by whoever has run it. Pure. */
import type { ToolResult } from "../tools/types.ts";

/** The answer with notes below it; as data they are its field `notes`. */
export function withNotes(result: ToolResult, notes: readonly string[]): ToolResult {
  if (notes.length === 0) return result;
  const { text, structured } = result;
  const told = { ...result, text: [...text, ...notes] };
  if (structured === undefined) return told;
  const earlier = Array.isArray(structured.notes) ? structured.notes : [];
  return { ...told, structured: { ...structured, notes: [...earlier, ...notes] } };
}
