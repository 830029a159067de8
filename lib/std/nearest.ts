/** The names nearest to one that is not there, for the hints of errors. Pure. */

/** Up to three names nearest to the wanted one, none that differs in more than a third of it. */
export function nearestNames(wanted: string, names: readonly string[]): string[] {
  const lower = wanted.toLowerCase();
  const limit = Math.max(1, Math.floor(lower.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: editDistance(lower, name.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** The nearest names as a hint, `Did you mean a or b?`; undefined where none is near. */
export function nearHint(wanted: string, names: readonly string[]): string | undefined {
  const near = nearestNames(wanted, names);
  return near.length > 0 ? `Did you mean ${near.join(" or ")}?` : undefined;
}

/** The same as the end of a message, `; did you mean a or b?`; "" where none is near. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  const near = nearestNames(wanted, names).map((name) => name || '""');
  return near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
}

/** Edit distance, two letters that have changed places counted as one; given up above `limit`. */
export function editDistance(a: string, b: string, limit = Infinity): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: readonly number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          substitution,
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? limit + 1;
}
