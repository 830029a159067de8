/**
 * What kwok does in place of kubelets besides the life of nodes and pods: the logs they give,
 * commands that are run, ports that are forwarded, the resources they seem to use.
 */
import { document, POD_ANNOTATIONS, stages } from "./kwok_stages.ts";

/** Files in the form of the container runtime interface, as {@linkcode criLog} makes them. */
export interface LogFiles {
  readonly current: string;
  /** Of the container before its restart. */
  readonly previous: string;
}

/** The configuration file, several documents in one. */
export function kwokConfig(logs: LogFiles, execFolder: string): string {
  const documents = [
    ...stages(),
    ...debugging(logs, execFolder),
    resourceUsage(),
    resourceMetrics(),
  ];
  return documents.map((each) => JSON.stringify(each)).join("\n---\n");
}

/** Lines of a log as the container runtime writes them: `<time> <stream> F <text>`. */
export function criLog(lines: readonly string[], end: Date): string {
  return lines.map((line, index) => {
    const time = new Date(end.getTime() - (lines.length - index) * 1000).toISOString();
    const stream = line.includes("ERROR") ? "stderr" : "stdout";
    return `${time.replace("Z", "000000Z")} ${stream} F ${line}\n`;
  }).join("");
}

/** Logs, exec, attach and port-forward, the same for all pods. */
function debugging(logs: LogFiles, execFolder: string): unknown[] {
  const reply = "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nok\\n";
  return [
    document("ClusterLogs", "logs", {
      logs: [{ logsFile: logs.current, previousLogsFile: logs.previous }],
    }),
    document("ClusterAttach", "attach", { attaches: [{ logsFile: logs.current }] }),
    document("ClusterExec", "exec", {
      execs: [{ local: { workDir: execFolder, envs: [{ name: "TESTBED", value: "1" }] } }],
    }),
    document("ClusterPortForward", "port-forward", {
      forwards: [
        // A web server's ports answer any request; every other port echoes.
        { ports: [80, 8080], command: ["/bin/sh", "-c", `read -r line; printf '${reply}'`] },
        { command: ["cat"] },
      ],
    }),
  ];
}

function resourceUsage(): unknown {
  const usage = (name: string, otherwise: string) => ({
    expression: `"${name}" in pod.metadata.annotations ? ` +
      `Quantity(pod.metadata.annotations["${name}"]) : Quantity("${otherwise}")`,
  });
  return document("ClusterResourceUsage", "usage", {
    usages: [{
      usage: {
        cpu: usage(POD_ANNOTATIONS.cpu, "5m"),
        memory: usage(POD_ANNOTATIONS.memory, "20Mi"),
      },
    }],
  });
}

/** A kubelet's `/metrics/resource`, from which metrics-server reads. */
function resourceMetrics(): unknown {
  const ofPod = [
    { name: "namespace", value: "pod.metadata.namespace" },
    { name: "pod", value: "pod.metadata.name" },
  ];
  const ofContainer = [{ name: "container", value: "container.name" }, ...ofPod];
  const metric = (
    dimension: "node" | "pod" | "container",
    name: string,
    kind: "gauge" | "counter",
    value: string,
  ) => ({
    name,
    dimension,
    kind,
    help: `${name} of the test bed`,
    labels: { node: [], pod: ofPod, container: ofContainer }[dimension],
    value,
  });
  return document("Metric", "resource", {
    path: "/metrics/nodes/{nodeName}/metrics/resource",
    metrics: [
      metric("node", "scrape_error", "gauge", "0"),
      // A node without any usage of its own would be left out by metrics-server while it is empty.
      metric(
        "node",
        "node_cpu_usage_seconds_total",
        "counter",
        'node.CumulativeUsage("cpu") + 0.05 * node.SinceSecond()',
      ),
      metric(
        "node",
        "node_memory_working_set_bytes",
        "gauge",
        'node.Usage("memory") + 536870912.0',
      ),
      metric("pod", "pod_cpu_usage_seconds_total", "counter", 'pod.CumulativeUsage("cpu")'),
      metric("pod", "pod_memory_working_set_bytes", "gauge", 'pod.Usage("memory")'),
      metric("container", "container_start_time_seconds", "gauge", "pod.SinceSecond()"),
      metric(
        "container",
        "container_cpu_usage_seconds_total",
        "counter",
        'pod.CumulativeUsage("cpu", container.name)',
      ),
      metric(
        "container",
        "container_memory_working_set_bytes",
        "gauge",
        'pod.Usage("memory", container.name)',
      ),
    ],
  });
}
