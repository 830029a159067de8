/**
 * What a test needs beside Deno and this repository. `deno task test` provides all of it; what a run
 * was asked to do without (`--quick`, `--no-cluster`, `--no-binary`) stands in an environment
 * variable, and a test that needs it is ignored. Where nothing was left out on purpose no test is
 * ignored: one that lacks what it needs fails.
 */

/** One thing that a test may need; `time` stands for a test too slow for a quick run. */
export type Need = "a control plane" | "the binary" | "kubectl" | "time";

/** The environment variable that names what a run does without, separated by commas. */
export const WITHOUT_VARIABLE = "KUBECODE_TEST_WITHOUT";

/** Whatever says what its tests need: a cluster, a way to run the program. */
export interface Needy {
  readonly needs: readonly Need[];
}

/**
 * The declaration of a test that needs something, for `Deno.test`: ignored in a run that does
 * without it, which its name then says.
 *
 * @example
 * ```ts
 * Deno.test(needs(["kubectl"], "kubectl lists pods"), async () => {});
 * ```
 */
export function needs(
  wanted: Needy | readonly Need[],
  name: string,
): { readonly name: string; readonly ignore: boolean } {
  const missing = ("needs" in wanted ? wanted.needs : wanted).find((need) => isLeftOut(need));
  return missing === undefined
    ? { name, ignore: false }
    : { name: `${name} (needs ${missing})`, ignore: true };
}

function isLeftOut(need: Need): boolean {
  const without: readonly string[] = Deno.env.get(WITHOUT_VARIABLE)?.split(",") ?? [];
  return without.includes(need);
}

/**
 * The declaration of a test that starts programs which a machine need not have: ignored where one is
 * missing, which its name then says.
 */
export function needsPrograms(
  programs: readonly string[],
  name: string,
): { readonly name: string; readonly ignore: boolean } {
  const missing = programs.find((program) => !isOnPath(program));
  return missing === undefined
    ? { name, ignore: false }
    : { name: `${name} (${missing} is not installed)`, ignore: true };
}

function isOnPath(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}
