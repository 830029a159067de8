/** Command lines of the control plane: pure, so that they can be read in one place. */
import type { Credentials } from "./credentials.ts";
import type { ProgramName } from "./programs.ts";

/** Ports on 127.0.0.1. */
export interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiserver: number;
  readonly kubelet: number;
  readonly metricsServer: number;
}

/** What the command lines are made from. */
export interface Layout {
  /** Folder for all that the programs write. */
  readonly directory: string;
  readonly ports: Ports;
  readonly credentials: Credentials;
  readonly kubeconfig: string;
  /** File with kwok's configuration. */
  readonly kwokConfig: string;
}

/** A program with its arguments. */
export interface Component {
  readonly name: ProgramName;
  readonly args: readonly string[];
}

const SERVICE_RANGE = "10.0.0.0/24";

/** The store; it writes without waiting for the disk. */
export function etcd({ directory, ports }: Layout): Component {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return {
    name: "etcd",
    args: flags({
      "name": "default",
      "data-dir": `${directory}/etcd`,
      "listen-client-urls": client,
      "advertise-client-urls": client,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": `default=${peer}`,
      "unsafe-no-fsync": true,
      "log-level": "warn",
    }),
  };
}

/** The API server. */
export function apiserver({ directory, ports, credentials }: Layout): Component {
  return {
    name: "kube-apiserver",
    args: flags({
      "etcd-servers": `http://127.0.0.1:${ports.etcd}`,
      "bind-address": "127.0.0.1",
      "secure-port": ports.apiserver,
      "cert-dir": `${directory}/apiserver`,
      "tls-cert-file": credentials.apiserver.cert,
      "tls-private-key-file": credentials.apiserver.key,
      "client-ca-file": credentials.ca,
      "token-auth-file": credentials.tokenFile,
      "authorization-mode": "Node,RBAC",
      "allow-privileged": true,
      "service-cluster-ip-range": SERVICE_RANGE,
      "service-account-issuer": "https://kubernetes.default.svc",
      "service-account-key-file": credentials.serviceAccountPublicKey,
      "service-account-signing-key-file": credentials.serviceAccountKey,
      // Nothing may be advertised under a loopback address.
      "endpoint-reconciler-type": "none",
      "requestheader-client-ca-file": credentials.frontProxyCa,
      "requestheader-allowed-names": "front-proxy",
      "requestheader-username-headers": "X-Remote-User",
      "requestheader-group-headers": "X-Remote-Group",
      "requestheader-extra-headers-prefix": "X-Remote-Extra-",
      "proxy-client-cert-file": credentials.frontProxy.cert,
      "proxy-client-key-file": credentials.frontProxy.key,
      "kubelet-client-certificate": credentials.kubeletClient.cert,
      "kubelet-client-key": credentials.kubeletClient.key,
      "kubelet-certificate-authority": credentials.ca,
      "kubelet-preferred-address-types": "InternalIP",
    }),
  };
}

/** Controllers. */
export function controllerManager({ kubeconfig, credentials }: Layout): Component {
  return {
    name: "kube-controller-manager",
    args: flags({
      kubeconfig,
      "authentication-kubeconfig": kubeconfig,
      "authorization-kubeconfig": kubeconfig,
      "secure-port": 0,
      "leader-elect": false,
      "use-service-account-credentials": true,
      "service-account-private-key-file": credentials.serviceAccountKey,
      "root-ca-file": credentials.ca,
      // kwok renews leases as slowly as the usual grace, and nodes would flap to NotReady.
      "node-monitor-grace-period": "10h",
      "kube-api-qps": 500,
      "kube-api-burst": 1000,
    }),
  };
}

/** The scheduler. */
export function scheduler({ kubeconfig }: Layout): Component {
  return {
    name: "kube-scheduler",
    args: flags({
      kubeconfig,
      "authentication-kubeconfig": kubeconfig,
      "authorization-kubeconfig": kubeconfig,
      "secure-port": 0,
      "leader-elect": false,
      "kube-api-qps": 500,
      "kube-api-burst": 1000,
    }),
  };
}

/** Nodes and what runs on them. */
export function kwok({ kubeconfig, kwokConfig, ports, credentials }: Layout): Component {
  return {
    name: "kwok",
    args: flags({
      kubeconfig,
      "config": kwokConfig,
      "manage-all-nodes": true,
      "cidr": "10.244.0.1/16",
      "node-ip": "127.0.0.1",
      "node-port": ports.kubelet,
      // By default it would listen on all interfaces.
      "server-address": `127.0.0.1:${ports.kubelet}`,
      "tls-cert-file": credentials.kubelet.cert,
      "tls-private-key-file": credentials.kubelet.key,
      "node-lease-duration-seconds": 40,
    }),
  };
}

/** The aggregated API `metrics.k8s.io`. */
export function metricsServer({ directory, kubeconfig, ports }: Layout): Component {
  return {
    name: "metrics-server",
    args: flags({
      kubeconfig,
      "authentication-kubeconfig": kubeconfig,
      "authorization-kubeconfig": kubeconfig,
      "bind-address": "127.0.0.1",
      "secure-port": ports.metricsServer,
      "cert-dir": `${directory}/metrics-server`,
      "kubelet-insecure-tls": true,
      "kubelet-use-node-status-port": true,
      "kubelet-preferred-address-types": "InternalIP",
      // Must be longer than its timeout for a kubelet, which is 10 s.
      "metric-resolution": "15s",
    }),
  };
}

function flags(values: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}
