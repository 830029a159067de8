/** `500ms`, `30s`, `2m`, `8h` as milliseconds; undefined for what has no unit or is no duration. */
export function parseDuration(value: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*$/.exec(value);
  if (!match) return undefined;
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? ""] ?? 1;
  return Math.round(Number(match[1]) * unit);
}
