/** The programs of the test bed: which versions, where releases lie, and how each one is built. */

/** Programs that the test bed runs or that tests call. */
export const PROGRAM_NAMES = [
  "kube-apiserver",
  "etcd",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "metrics-server",
  "helm",
] as const;

/** The name of a program, which is also its file name. */
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** Where a published checksum of a download is found. */
export type Checksum =
  /** A text that holds the SHA-256, alone or on the line that names the file. */
  | { readonly from: "text"; readonly url: string }
  /** The answer of GitHub's releases API, which gives a digest for each file of a release. */
  | { readonly from: "release"; readonly url: string };

/** An official release file. */
export interface Download {
  readonly url: string;
  readonly checksum: Checksum;
  /** Path of the program inside the `.tar.gz`; absent when the file is the program itself. */
  readonly member?: string;
}

/** How a program is built from Go modules. */
export interface GoBuild {
  /** Folder under `go/` with the go.mod and go.sum that pin it. */
  readonly folder: string;
  readonly package: string;
  readonly ldflags: string;
}

/** Operating system and processor as Go names them. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

/** The release of the control plane; nodes report it too. */
export const KUBERNETES_VERSION = "v1.36.3";
const ETCD_VERSION = "v3.6.8";
const KWOK_VERSION = "v0.8.0";
const METRICS_SERVER_VERSION = "v0.9.0";
const HELM_VERSION = "v4.3.1";

const STRIP = "-s -w";
const [MAJOR, MINOR] = KUBERNETES_VERSION.slice(1).split(".");
const COMPONENT = "k8s.io/component-base/version";
/** Without these the programs would report v0.0.0, and clients would warn of a version skew. */
const KUBERNETES_LDFLAGS = [
  STRIP,
  `-X ${COMPONENT}.gitVersion=${KUBERNETES_VERSION}`,
  `-X ${COMPONENT}.gitMajor=${MAJOR}`,
  `-X ${COMPONENT}.gitMinor=${MINOR}`,
].join(" ");

/** How to build each program. */
export const BUILDS: Readonly<Record<ProgramName, GoBuild>> = {
  "kube-apiserver": kubernetes("kube-apiserver"),
  "etcd": { folder: "kubernetes", package: "go.etcd.io/etcd/server/v3", ldflags: STRIP },
  "kube-controller-manager": kubernetes("kube-controller-manager"),
  "kube-scheduler": kubernetes("kube-scheduler"),
  "kubectl": kubernetes("kubectl"),
  "kwok": { folder: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok", ldflags: STRIP },
  "metrics-server": {
    folder: "metrics-server",
    package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
    ldflags: STRIP,
  },
  "helm": { folder: "helm", package: "helm.sh/helm/v4/cmd/helm", ldflags: STRIP },
};

/** Folders under `go/` that hold a go.mod. */
export const GO_FOLDERS: readonly string[] = [
  ...new Set(Object.values(BUILDS).map((build) => build.folder)),
];

/** The platform of this machine. */
export function currentPlatform(): Platform {
  return { os: Deno.build.os, arch: Deno.build.arch === "aarch64" ? "arm64" : "amd64" };
}

/**
 * The official release of a program for a platform; undefined where none is published, as for the
 * control plane on anything but Linux.
 */
export function officialDownload(name: ProgramName, platform: Platform): Download | undefined {
  const target = `${platform.os}-${platform.arch}`;
  switch (name) {
    case "etcd": {
      // Its releases for other systems are zip files.
      if (platform.os !== "linux") return undefined;
      const base = `https://github.com/etcd-io/etcd/releases/download/${ETCD_VERSION}`;
      const stem = `etcd-${ETCD_VERSION}-${target}`;
      return {
        url: `${base}/${stem}.tar.gz`,
        checksum: { from: "text", url: `${base}/SHA256SUMS` },
        member: `${stem}/etcd`,
      };
    }
    case "kwok":
      return githubRelease("kubernetes-sigs/kwok", KWOK_VERSION, `kwok-${target}`);
    case "metrics-server":
      return githubRelease(
        "kubernetes-sigs/metrics-server",
        METRICS_SERVER_VERSION,
        `metrics-server-${target}`,
      );
    case "helm": {
      const url = `https://get.helm.sh/helm-${HELM_VERSION}-${target}.tar.gz`;
      return {
        url,
        checksum: { from: "text", url: `${url}.sha256sum` },
        member: `${target}/helm`,
      };
    }
    default: {
      if (name !== "kubectl" && platform.os !== "linux") return undefined;
      const folder = `${KUBERNETES_VERSION}/bin/${platform.os}/${platform.arch}`;
      const url = `https://dl.k8s.io/release/${folder}/${name}`;
      return { url, checksum: { from: "text", url: `${url}.sha256` } };
    }
  }
}

function githubRelease(repository: string, version: string, file: string): Download {
  return {
    url: `https://github.com/${repository}/releases/download/${version}/${file}`,
    checksum: {
      from: "release",
      url: `https://api.github.com/repos/${repository}/releases/tags/${version}`,
    },
  };
}

function kubernetes(name: string): GoBuild {
  return {
    folder: "kubernetes",
    package: `k8s.io/kubernetes/cmd/${name}`,
    ldflags: KUBERNETES_LDFLAGS,
  };
}
