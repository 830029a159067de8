/** The programs of the tool set `cli`, and what a config file may allow them on this machine. */

/** The programs whose words are understood. */
export const PROGRAM_NAMES = ["kubectl", "helm", "istioctl", "argocd"] as const;

/** One of {@linkcode PROGRAM_NAMES}. */
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/**
 * What a program can do on this machine, or past the door, by its words alone. Each is refused unless
 * the config file allows it to the program by name.
 */
export const LOCAL_POWERS = [
  /** Reads and writes files outside the call's folder. */
  "files",
  /** Takes manifests, charts and values from the network. */
  "remote",
  /** Names another server, kubeconfig, context, user, token or certificate. */
  "servers",
  /** Speaks as another user, group or service account. */
  "impersonation",
  /** Starts other programs: plugins, post-renderers, credential helpers. */
  "programs",
  /** Opens ports of this machine, or a browser. */
  "ports",
] as const;

/** One of {@linkcode LOCAL_POWERS}. */
export type LocalPower = (typeof LOCAL_POWERS)[number];
