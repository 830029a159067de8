/**
 * A real Kubernetes control plane on loopback, for tests: etcd, kube-apiserver,
 * kube-controller-manager, kube-scheduler and metrics-server, with kwok in place of nodes. It ends
 * with the process that started it, however that ends.
 */
import { connect, type TestApi } from "./api.ts";
import { type Assets, ensureAssets } from "./assets.ts";
import {
  apiserver,
  type Component,
  controllerManager,
  etcd,
  kwok,
  type Layout,
  metricsServer,
  scheduler,
} from "./components.ts";
import {
  type CertificateFiles,
  type Credentials,
  kubeconfigText,
  writeCredentials,
} from "./credentials.ts";
import { criLog, kwokConfig } from "./kwok_config.ts";
import { metricsObjects, node } from "./objects.ts";
import { freePorts } from "./ports.ts";
import { untilAccount, untilMetrics, untilNodes, untilReady } from "./ready.ts";
import { type Process, startSupervisor, type Supervisor } from "./supervised.ts";

/** How a cluster is started. */
export interface ClusterOptions {
  /** Number of nodes, `node-0` and on; 3 by default. */
  readonly nodes?: number;
  /** Whether `metrics.k8s.io` is served; true by default. */
  readonly metrics?: boolean;
  /** Told about what takes long, as a build of the programs; standard error by default. */
  readonly log?: (line: string) => void;
  /** Ends the start when it aborts; the cluster itself is ended by `close`. */
  readonly signal?: AbortSignal;
}

/** A running cluster. */
export interface TestCluster extends AsyncDisposable {
  /** `https://127.0.0.1:<port>`. */
  readonly server: string;
  /** A temporary directory, removed by `close`; programs log to `logs/` in it. */
  readonly directory: string;
  /**
   * Path of a kubeconfig with the contexts `admin` (current; client certificate), `token` (token of
   * a cluster administrator) and `nobody` (token without rights).
   */
  readonly kubeconfig: string;
  /** Folder with all programs under their own names. */
  readonly assets: string;
  /** Their paths, one by one. */
  readonly programs: Assets;
  /** Certificate of the authority that signed the server's. */
  readonly ca: string;
  /** The administrator's certificate and key. */
  readonly certificate: CertificateFiles;
  readonly tokens: Credentials["tokens"];
  /** A client with all rights. */
  readonly api: TestApi;
  /** Its processes by name, the supervisor too. */
  readonly pids: Readonly<Record<string, number>>;
  /** Waits for metrics of all nodes, which come about 45 s after the start. */
  waitForMetrics(signal?: AbortSignal): Promise<void>;
  /** Ends it and waits until nothing is left; as often as wanted. */
  close(): Promise<void>;
}

const ATTEMPTS = 3;

/**
 * Starts a cluster; its nodes are ready then, and pods can be created in `default`.
 *
 * @throws {Error} when a program cannot be had, or ends, or is not ready in time; with its log's end
 */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const { log = (line: string) => console.error(line), signal = new AbortController().signal } =
    options;
  const programs = await ensureAssets({ log, signal });
  for (let attempt = 1;; attempt++) {
    try {
      return await startOnce(programs, options, signal);
    } catch (error) {
      // Another process was quicker to take a port.
      const taken = error instanceof Error && error.message.includes("address already in use");
      if (!taken || attempt === ATTEMPTS) throw error;
      log("A port was taken meanwhile; starting the test cluster again");
    }
  }
}

async function startOnce(
  programs: Assets,
  options: ClusterOptions,
  signal: AbortSignal,
): Promise<TestCluster> {
  const { nodes = 3, metrics = true } = options;
  signal.throwIfAborted();
  const supervisor = await startSupervisor();
  let api: TestApi | undefined;
  try {
    const layout = await prepare(supervisor.directory, programs);
    const server = `https://127.0.0.1:${layout.ports.apiserver}`;
    const { pem } = layout.credentials;
    const client = api = connect({ server, ca: pem.ca, certificate: pem.admin });
    const processes: Process[] = [];
    const start = async (component: Component) => {
      processes.push(await run(supervisor, programs, component));
    };

    await Promise.all([start(etcd(layout)), start(apiserver(layout))]);
    await orExit(processes, signal, async (own) => {
      await untilReady(client, own);
      await Promise.all([
        start(controllerManager(layout)),
        start(scheduler(layout)),
        start(kwok(layout)),
        ...metrics ? [start(metricsServer(layout)), serveMetrics(client, layout, own)] : [],
        ...Array.from({ length: nodes }, (_, index) => createNode(client, index, own)),
      ]);
    });
    await orExit(processes, signal, async (own) => {
      await Promise.all([
        untilNodes(client, nodes, layout.ports.kubelet, own),
        untilAccount(client, own),
      ]);
    });

    const pids = { supervisor: supervisor.pid } as Record<string, number>;
    for (const { name, pid } of processes) pids[name] = pid;
    const close = async () => {
      client[Symbol.dispose]();
      await supervisor.close();
    };
    let closing: Promise<void> | undefined;
    const closeOnce = () => closing ??= close();
    return {
      server,
      directory: supervisor.directory,
      kubeconfig: layout.kubeconfig,
      assets: `${supervisor.directory}/bin`,
      programs,
      ca: layout.credentials.ca,
      certificate: layout.credentials.admin,
      tokens: layout.credentials.tokens,
      api: client,
      pids,
      waitForMetrics: (own = new AbortController().signal) => untilMetrics(client, nodes, own),
      close: closeOnce,
      [Symbol.asyncDispose]: closeOnce,
    };
  } catch (error) {
    api?.[Symbol.dispose]();
    await supervisor.close();
    throw error;
  }
}

/** Writes all files that the programs read. */
async function prepare(directory: string, programs: Assets): Promise<Layout> {
  const folders = ["bin", "pki", "pods", "home"].map((name) => `${directory}/${name}`);
  await Promise.all(folders.map((each) => Deno.mkdir(each)));
  const credentials = await writeCredentials(`${directory}/pki`);
  const [etcd, etcdPeer, apiserver, kubelet, metricsServer] = freePorts(5) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const kubeconfig = `${directory}/kubeconfig`;
  const logs = {
    current: `${directory}/pods/current.log`,
    previous: `${directory}/pods/previous.log`,
  };
  const now = new Date();
  const server = `https://127.0.0.1:${apiserver}`;
  const kwokFile = `${directory}/kwok.yaml`;
  await Promise.all([
    Deno.writeTextFile(kubeconfig, kubeconfigText(server, credentials), { mode: 0o600 }),
    Deno.writeTextFile(kwokFile, kwokConfig(logs, `${directory}/home`)),
    Deno.writeTextFile(logs.current, criLog(CURRENT_LINES, now)),
    Deno.writeTextFile(logs.previous, criLog(PREVIOUS_LINES, new Date(now.getTime() - 60_000))),
    ...Object.entries(programs).map(([name, path]) =>
      Deno.symlink(path, `${directory}/bin/${name}`)
    ),
  ]);
  return {
    directory,
    ports: { etcd, etcdPeer, apiserver, kubelet, metricsServer },
    credentials,
    kubeconfig,
    kwokConfig: kwokFile,
  };
}

/** What every pod logs. */
export const CURRENT_LINES: readonly string[] = [
  "starting",
  ...Array.from({ length: 97 }, (_, index) => `request ${index + 1} answered with 200 in 12 ms`),
  "ERROR cannot reach the database: connection refused",
  "ready",
];

/** What every pod logged before its restart. */
export const PREVIOUS_LINES: readonly string[] = ["starting", "ERROR out of memory", "ended"];

async function run(
  supervisor: Supervisor,
  programs: Assets,
  { name, args }: Component,
): Promise<Process> {
  const directory = supervisor.directory;
  return await supervisor.start({
    name,
    program: programs[name],
    args,
    cwd: directory,
    // Commands that are run in pods see this environment: nothing of the developer's is in it.
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: `${directory}/home`, TMPDIR: directory },
  });
}

/** Does what is asked, unless one of the processes ends first: then that is the error. */
async function orExit(
  processes: readonly Process[],
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  let over = false;
  for (const each of processes) {
    each.exited.then(async (code) => {
      if (over) return;
      const what = `Cannot start "${each.name}": it exits with ${code}.`;
      failed.abort(new Error(`${what}\n${await logEnd(each)}`));
    });
  }
  try {
    await act(AbortSignal.any([signal, failed.signal]));
  } finally {
    over = true;
  }
}

async function logEnd({ log }: Process): Promise<string> {
  const text = await Deno.readTextFile(log).catch(() => "");
  return text.trim().split("\n").slice(-15).join("\n");
}

async function createNode(api: TestApi, index: number, signal: AbortSignal): Promise<void> {
  await api.request("POST", "/api/v1/nodes", { body: node(index), signal });
}

async function serveMetrics(api: TestApi, { ports }: Layout, signal: AbortSignal): Promise<void> {
  for (const [path, body] of metricsObjects(ports.metricsServer)) {
    await api.request("POST", path, { body, signal });
  }
}
