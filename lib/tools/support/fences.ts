/** Markdown fences round what a model writes as an argument. Pure. */

/** The first line of a fenced block: ```js, ~~~. */
const FENCE = /^(`{3,}|~{3,})[ \t]*[\w+-]*[ \t]*\r?$/;

/** A text without the fence round it, the end of which may be missing; its lines keep their numbers. */
export function withoutFence(text: string): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  const [, fence] = FENCE.exec(lines[first]?.trimStart() ?? "") ?? [];
  if (fence === undefined) return text;
  const last = lines.findLastIndex((line) => line.trim() !== "");
  const end = last > first && lines[last]!.trim() === fence ? last : last + 1;
  return [...Array<string>(first + 1).fill(""), ...lines.slice(first + 1, end)].join("\n");
}
