/**
 * The change log, as far as a release needs it. Pure.
 *
 * @see {@link https://keepachangelog.com/en/1.1.0/}
 */

/**
 * The text under a version's heading, `## [0.1.0] - 2026-11-29`, without the heading.
 *
 * @throws {Error} there is no such section, it has no date, or nothing stands in it
 */
export function sectionOf(changelog: string, version: string): string {
  const headings = [...changelog.matchAll(/^## \[?([^\]\s]+)\]?(.*)$/gm)];
  const at = headings.findIndex(([, name]) => name === version);
  const heading = headings[at];
  if (heading === undefined) {
    throw new Error(`Cannot release ${version}: CHANGELOG.md has no section "## [${version}]"`);
  }
  if (!/^ - \d{4}-\d{2}-\d{2}$/.test(heading[2] ?? "")) {
    throw new Error(
      `Cannot release ${version}: in CHANGELOG.md its heading must have the day of the release: ` +
        `"## [${version}] - 2026-01-31"`,
    );
  }
  const start = heading.index + heading[0].length;
  // References of links at the end belong to no section.
  const text = changelog.slice(start, headings[at + 1]?.index).replace(/^\[[^\]]+\]: .*$/gm, "");
  if (text.trim() === "") {
    throw new Error(`Cannot release ${version}: its section in CHANGELOG.md says nothing`);
  }
  return `${text.trim()}\n`;
}
