/** Many list scripts at once through one server: all come to their answer, within bounded memory. */
import type { ServerUnderTest } from "../e2e/program.ts";
import { type Figure, peakMemory, timed, treeMemory } from "./measure.ts";

const MB = 1024 * 1024;
const SCRIPTS = 40;
/** As long as the slowest machine may take over one of them, and over all. */
const TIMEOUT_MS = 300_000;
const PATIENCE_MS = 600_000;
/** Memory should be back by then. */
const AFTER_MS = 10_000;

/** @param script what each of them runs; its text is the number of pods, of which there are `pods` */
export async function crowd(
  server: ServerUnderTest,
  script: string,
  pods: number,
): Promise<Figure[]> {
  const alone = await timed(() => server.script(script, TIMEOUT_MS));
  let all = 0;
  const peak = await peakMemory(server.pid, async () => {
    all = await timed(() =>
      Promise.all(Array.from({ length: SCRIPTS }, async () => {
        const result = await server.client.callTool({
          name: "evaluate_script",
          arguments: { script, timeout: TIMEOUT_MS },
        }, { timeout: PATIENCE_MS });
        const [{ text }] = result.content as unknown as [{ text: string }];
        if (result.isError || Number(text) < pods) throw new Error(`one of ${SCRIPTS}: ${text}`);
      }))
    );
  });
  await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
  const after = treeMemory(server.pid);
  return [
    {
      what: `${SCRIPTS} scripts over ${pods} pods at once`,
      value: all,
      unit: "ms",
      reference: { what: `one alone, times ${SCRIPTS}`, value: alone * SCRIPTS },
    },
    {
      what: "peak in these, all processes (PSS)",
      value: peak.pssBytes / MB,
      unit: "MB",
      aim: "600 MB",
    },
    { what: "peak in these, all processes (RSS)", value: peak.rssBytes / MB, unit: "MB" },
    { what: "peak in these, main process", value: peak.mainBytes / MB, unit: "MB" },
    {
      what: "ten seconds after them, all processes (RSS)",
      value: after.rssBytes / MB,
      unit: "MB",
      aim: "200 MB",
    },
  ];
}
