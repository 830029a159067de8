/** Command lines by the tools of the set `cli`, beside the same program run by itself. */
import { type ServerUnderTest, startServer, type Variant } from "../e2e/program.ts";
import type { TestCluster } from "../cluster/cluster.ts";
import { type Figure, percentile, timed } from "./measure.ts";

const ROUNDS = 15;

/** A command, with what it may cost. */
interface Measured {
  readonly what: string;
  readonly command: readonly string[];
  /** What the tool is given; the command where it is left out. */
  readonly line?: string;
  readonly aim?: string;
}

/** What commands cost; `pods` are in the cluster. */
export async function commands(
  variant: Variant,
  cluster: TestCluster,
  pods: number,
): Promise<Figure[]> {
  await using server = await startServer(
    variant,
    ["--kubeconfig", cluster.kubeconfig, "--toolsets", "cli"],
    { PATH: `${cluster.assets}:${Deno.env.get("PATH")}`, K8S_MCP_MAX_OUTPUT: "10000000" },
  );
  const own = await compare(server, cluster, {
    what: "kubectl version --client",
    command: ["version", "--client"],
  });
  const rest: Figure[] = [];
  for (
    const measured of [
      { what: "kubectl get namespace", command: ["get", "namespace", "default"] },
      {
        what: "the same through | grep",
        command: ["get", "namespace", "default"],
        line: "get namespace default | grep default",
      },
      { what: `kubectl get pods -A of ${pods}`, command: ["get", "pods", "-A"], aim: "ratio 1.15" },
    ]
  ) {
    const { tool, bare } = await compare(server, cluster, measured);
    rest.push({
      what: `${measured.what} by the tool, p50`,
      value: tool,
      unit: "ms",
      reference: { what: "kubectl alone", value: bare },
      ...(measured.aim === undefined ? {} : { aim: measured.aim }),
    });
  }
  return [
    {
      what: "a tool call beside its program, p50",
      value: own.tool - own.bare,
      unit: "ms",
      reference: { what: "kubectl version --client alone", value: own.bare },
      aim: "15 ms",
    },
    ...rest,
  ];
}

/** Turn by turn, so that both meet the same machine. */
async function compare(
  server: ServerUnderTest,
  cluster: TestCluster,
  { command, line = command.join(" ") }: Measured,
): Promise<{ readonly tool: number; readonly bare: number }> {
  const tool: number[] = [];
  const bare: number[] = [];
  const callTool = async () => {
    const { isError, content } = await server.client.callTool({
      name: "execute_kubectl",
      arguments: { command: line },
    }, { timeout: 120_000 });
    if (isError) throw new Error(JSON.stringify(content));
  };
  const run = async () => {
    const { success } = await new Deno.Command(`${cluster.assets}/kubectl`, {
      args: [...command],
      env: { KUBECONFIG: cluster.kubeconfig },
      stdin: "null",
    }).output();
    if (!success) throw new Error(`kubectl ${command.join(" ")} failed`);
  };
  await callTool();
  await run();
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await timed(run));
    tool.push(await timed(callTool));
  }
  return { tool: percentile(tool, 0.5), bare: percentile(bare, 0.5) };
}
