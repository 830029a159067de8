/** Times as kubectl writes them: how long ago, in at most two units. */

/** Time since, as kubectl writes it: `45s`, `3m20s`, `6d`; `<unknown>` without a time. */
export function duration(since: unknown, now: Date): string {
  const start = Date.parse(String(since));
  if (Number.isNaN(start)) return "<unknown>";
  return humanDuration((now.getTime() - start) / 1000);
}

/** Seconds as a short duration of at most two units. */
export function humanDuration(seconds: number): string {
  const whole = Math.max(0, Math.trunc(seconds));
  const minutes = Math.trunc(whole / 60);
  const hours = Math.trunc(minutes / 60);
  const days = Math.trunc(hours / 24);
  const two = (a: number, unit: string, b: number, smaller: string) =>
    `${a}${unit}${b ? `${b}${smaller}` : ""}`;
  if (whole < 120) return `${whole}s`;
  if (minutes < 10) return two(minutes, "m", whole % 60, "s");
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  if (days < 8) return two(days, "d", hours % 24, "h");
  if (days < 365 * 2) return `${days}d`;
  return two(Math.trunc(days / 365), "y", days % 365, "d");
}
