/** Reads what `deno test` prints. Pure. */

/** What came of a test run. */
export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  /** Tests and steps that were not run, as `<file>: <name>`; the name says why. */
  readonly ignored: readonly string[];
}

/**
 * The summary of a run of `deno test` in its default report. A run that failed without saying that a
 * test did (a type error, no tests at all) counts as one failure.
 *
 * @param output all that it printed; colours do not matter
 * @param code its exit code
 */
export function summarize(output: string, code: number): TestSummary {
  // deno-lint-ignore no-control-regex -- escape sequences are what this is about
  const lines = output.replaceAll(/\x1b\[[0-9;]*m/g, "").split(/\r?\n/);
  const totals = lines
    .map((line) => /^(?:ok|FAILED) \| (\d+) passed\b.*? \| (\d+) failed\b/.exec(line))
    .findLast((match) => match !== null);
  const failed = Number(totals?.[2] ?? 0);
  return {
    passed: Number(totals?.[1] ?? 0),
    failed: code === 0 ? failed : Math.max(failed, 1),
    ignored: ignoredTests(lines),
  };
}

/** The last line of a test run. */
export function summaryLine(summary: { readonly passed: number; readonly failed: number }): string {
  return `${summary.passed} passed, ${summary.failed} failed`;
}

/**
 * What a run says of the tests that it ignored: how many for want of what, where their names end in
 * `(needs …)`; the others one by one. No lines where nothing was ignored.
 */
export function ignoredReport(ignored: readonly string[]): string[] {
  const groups = Map.groupBy(ignored, (test) => / \(needs (.+)\)$/.exec(test)?.[1]);
  const others = groups.get(undefined) ?? [];
  groups.delete(undefined);
  return [
    ...[...groups].map(([need, tests]) => `Ignored, for want of ${need}: ${count(tests.length)}`),
    ...others.length > 0 ? ["Ignored:", ...others.map((test) => `  ${test}`)] : [],
  ];
}

function count(tests: number): string {
  return tests === 1 ? "1 test" : `${tests} tests`;
}

function ignoredTests(lines: readonly string[]): string[] {
  let file = "";
  const ignored: string[] = [];
  for (const line of lines) {
    file = /^running \d+ tests? from (\S+)$/.exec(line)?.[1]?.replace(/^\.\//, "") ?? file;
    // Of files that run side by side each test comes with its file.
    const match = /^\s*(?:\.\/(\S+) => )?(.+) \.\.\. ignored \(\S+\)$/.exec(line);
    if (match) ignored.push(`${match[1] ?? file}: ${match[2]}`);
  }
  return ignored;
}
