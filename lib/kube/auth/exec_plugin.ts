/** Exec credential plugins: programs that print a credential. Run without a shell or a terminal. */
import { dirname, isAbsolute, join, normalize } from "node:path";
import { ConfigError } from "../../errors.ts";
import { certificateFault, keyFault } from "../kubeconfig/certificates.ts";
import type { ClusterAccess, ExecPlugin } from "../types.ts";
import { onAbort, raceAbort, settleWithin } from "../../std/async.ts";
import { parseYamlDocuments } from "../../yaml/yaml.ts";

/** What a plugin printed, checked. */
export interface ExecCredential {
  readonly token?: string;
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  readonly expiresAt?: Date;
}

/** Of standard output; a credential is a few KB. */
const OUTPUT_LIMIT_BYTES = 1024 * 1024;
/** Of standard error, the end of which goes into the message. */
const ERROR_LIMIT_BYTES = 64 * 1024;
const ERROR_TEXT_LIMIT = 600;
/** Lines of one run that are told as they come. */
const LINES_TOLD = 50;
/** How long pipes are read that are still open when the plugin has ended. */
const DRAIN_MS = 500;

/** How a plugin is run. */
export interface RunOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Is told what the plugin says to whoever logs in, line by line, cleaned of secrets. */
  readonly tell?: (line: string) => void;
}

/**
 * Runs a plugin and reads the credential that it prints.
 *
 * @throws {ConfigError} the program is missing, fails, takes too long, or prints no credential;
 * with what it wrote to standard error, cut and cleaned of what looks like a secret
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins}
 */
export async function runExecPlugin(
  exec: ExecPlugin,
  access: ClusterAccess,
  options: RunOptions,
): Promise<ExecCredential> {
  const failed = (state: string, stderr = "", hint?: string, cause?: unknown) =>
    new ConfigError(
      `Cannot get credentials from the exec plugin "${exec.command}" (user "${access.user}"): ${state}${
        stderr && `: ${stderr}`
      }`,
      { hint: hint ?? "Run the plugin's own login command, then try again.", cause },
    );

  const timeout = AbortSignal.timeout(options.timeoutMs);
  const hear = createEar(exec, options.tell);
  const output = await runProgram(exec, access, {
    signal: AbortSignal.any([options.signal, timeout]),
    hear: hear.take,
  }).catch((error) => {
    options.signal.throwIfAborted();
    if (timeout.aborted) {
      throw failed(
        `it did not end within ${options.timeoutMs / 1000} s`,
        hear.said(),
        "Log in by the plugin's own command first, or give it more time by --exec-timeout.",
      );
    }
    throw failed(...notRun(error, exec), error);
  });
  if (output.code !== 0) throw failed(`it ended with exit code ${output.code}`, hear.said());
  const credential = readCredential(output.stdout, exec.apiVersion);
  if (typeof credential === "string") throw failed(credential, hear.said());
  return credential;
}

/** Why a program could not be run: state, its words, what to do. */
function notRun(error: unknown, exec: ExecPlugin): [state: string, said: string, hint?: string] {
  if (error instanceof Flood) return [error.message, ""];
  if (error instanceof Deno.errors.NotFound) {
    const hint = exec.installHint && printable(exec.installHint).slice(0, 1000);
    return ["no such program", "", hint || "Install it, or mend PATH."];
  }
  if (error instanceof Deno.errors.NotCapable) {
    return ["Deno was started without permission to run it", "", "Start it with --allow-run."];
  }
  return [
    error instanceof Deno.errors.PermissionDenied ? "it may not be run" : "it could not be run",
    "",
    "Check that the file is a program and that this user may run it.",
  ];
}

/** Listens to what a plugin writes to standard error: each line is told as it comes. */
function createEar(exec: ExecPlugin, tell: RunOptions["tell"]) {
  let all = "";
  let line = "";
  let told = 0;
  return {
    take(text: string) {
      all += text;
      const lines = (line + text).split("\n");
      line = lines.pop() ?? "";
      for (const each of lines) {
        const clean = cleanErrorText(each, exec);
        if (clean === "" || told === LINES_TOLD) continue;
        told += 1;
        tell?.(`exec plugin "${exec.command}": ${clean}`);
      }
    },
    said: () => cleanErrorText(all, exec),
  };
}

/** The value of KUBERNETES_EXEC_INFO. */
function execInfo(exec: ExecPlugin, access: ClusterAccess): string {
  const { tls } = access;
  return JSON.stringify({
    apiVersion: exec.apiVersion,
    kind: "ExecCredential",
    spec: {
      interactive: false,
      cluster: exec.provideClusterInfo
        ? {
          server: access.server,
          "tls-server-name": tls.serverName,
          "insecure-skip-tls-verify": tls.insecureSkipVerify || undefined,
          "certificate-authority-data": tls.ca &&
            btoa(String.fromCharCode(...new TextEncoder().encode(tls.ca))),
          "proxy-url": access.proxyUrl,
          "disable-compression": access.disableCompression || undefined,
          config: access.execConfig,
        }
        : undefined,
    },
  });
}

/** The program to run: a path with a separator is relative to the kubeconfig, a name to PATH. */
function execProgram(exec: ExecPlugin): string {
  const isPath = dirname(exec.command) !== "." || /^\.[/\\]/.test(exec.command);
  if (!isPath || isAbsolute(exec.command) || exec.directory === undefined) return exec.command;
  return normalize(join(exec.directory, exec.command));
}

async function runProgram(
  exec: ExecPlugin,
  access: ClusterAccess,
  { signal, hear }: { readonly signal: AbortSignal; readonly hear: (text: string) => void },
): Promise<{ code: number; stdout: string }> {
  signal.throwIfAborted();
  const child = new Deno.Command(execProgram(exec), {
    args: [...exec.args],
    env: {
      ...Object.fromEntries(exec.env.map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: execInfo(exec, access),
    },
    // The parent's standard input may be the protocol's.
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const flood = new AbortController();
  const stopped = AbortSignal.any([signal, flood.signal]);
  using _ = onAbort(stopped, () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  });
  // A helper that the plugin leaves behind may hold the pipes open: what the plugin itself wrote is
  // in them when it ends, and is read within moments.
  const over = new AbortController();
  const either = AbortSignal.any([stopped, over.signal]);
  let stdout = "";
  const streams = Promise.all([
    collect(
      child.stdout,
      OUTPUT_LIMIT_BYTES,
      either,
      (text) => stdout += text,
      () => flood.abort(new Flood(`it printed more than ${OUTPUT_LIMIT_BYTES / 1024 / 1024} MiB`)),
    ),
    collect(child.stderr, ERROR_LIMIT_BYTES, either, hear),
  ]);
  try {
    const { code } = await raceAbort(child.status, stopped);
    await raceAbort(settleWithin(streams, DRAIN_MS), stopped);
    return { code, stdout };
  } finally {
    over.abort();
    await Promise.allSettled([child.status, streams]);
  }
}

/** A program that prints and does not stop. */
class Flood extends Error {}

/** Reads a stream up to a limit; what is beyond it is read and dropped, so that the writer ends. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  limitBytes: number,
  signal: AbortSignal,
  take: (text: string) => void,
  over: () => void = () => {},
): Promise<void> {
  const reader = stream.getReader();
  using _ = onAbort(signal, () => void reader.cancel().catch(() => {}));
  const decoder = new TextDecoder();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    bytes += value.length;
    if (bytes <= limitBytes) take(decoder.decode(value, { stream: true }));
    else over();
  }
}

/** The credential, or what is wrong with it. */
function readCredential(stdout: string, apiVersion: string): ExecCredential | string {
  if (stdout.trim() === "") return "it printed nothing";
  const printed = readDocument(stdout);
  if (printed === undefined) return "it printed neither JSON nor YAML";
  if (printed?.kind !== "ExecCredential") return "it did not print an ExecCredential";
  if (printed.apiVersion !== apiVersion) {
    return `it printed apiVersion ${
      JSON.stringify(printed.apiVersion)
    }, and "${apiVersion}" is configured`;
  }
  const status = printed.status as Record<string, unknown> | undefined | null;
  if (typeof status !== "object" || status === null) return "it printed no status";
  const text = (key: string) => typeof status[key] === "string" && status[key] || undefined;
  const token = text("token");
  const cert = text("clientCertificateData");
  const key = text("clientKeyData");
  if ((cert === undefined) !== (key === undefined)) {
    return "it printed only one of client certificate and key";
  }
  if (token === undefined && cert === undefined) {
    return "it printed neither a token nor a client certificate";
  }
  const clientCertificate = cert !== undefined && key !== undefined ? { cert, key } : undefined;
  if (clientCertificate) {
    const fault = certificateFault(clientCertificate.cert);
    if (fault) return `its client certificate cannot be used: ${fault}`;
    const wrongKey = keyFault(clientCertificate.cert, clientCertificate.key);
    if (wrongKey) return `its client key cannot be used: ${wrongKey}`;
  }
  const expiry = text("expirationTimestamp");
  const expiresAt = expiry === undefined ? undefined : new Date(expiry);
  if (expiresAt && Number.isNaN(expiresAt.getTime())) return "its expirationTimestamp is no time";
  return { token, clientCertificate, expiresAt };
}

/** As kubectl reads it: YAML, of which JSON is a part. */
function readDocument(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    // Some plugins print YAML.
  }
  try {
    const [document] = parseYamlDocuments(text, "the plugin's output");
    return typeof document === "object" && document !== null
      ? document as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

/** The end of what a plugin wrote, without control characters and what looks like a secret. */
function cleanErrorText(stderr: string, exec: ExecPlugin): string {
  const secrets = exec.env
    .filter(({ name, value }) => /token|secret|password|passwd|key|cred/i.test(name) && value)
    .map(({ value }) => value);
  let text = stderr;
  for (const secret of secrets) text = text.replaceAll(secret, "***");
  text = text
    .replaceAll(/-----BEGIN [\s\S]*?(?:-----END [^-]*-----|$)/g, "***")
    .replaceAll(/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, "***")
    .replaceAll(/\b(bearer|basic)\s+\S+/gi, "$1 ***")
    .replaceAll(
      /((?:token|secret|password|passwd|api[-_]?key|access[-_]?key(?:[-_]?id)?)["']?\s*[=:]\s*["']?)[^\s"',}]+/gi,
      "$1***",
    )
    .replaceAll(
      /([?&#](?:code|sig|assertion|[^=&\s]*(?:token|secret|password|signature|credential))=)[^&\s]+/gi,
      "$1***",
    )
    // A login's URL is there to be opened, long as it may be.
    .replaceAll(/(https?:\/\/\S+)|[A-Za-z0-9+/_=-]{40,}/g, (_, url) => url ?? "***");
  const lines = printable(text).trim();
  return lines.length > ERROR_TEXT_LIMIT ? `…${lines.slice(-ERROR_TEXT_LIMIT)}` : lines;
}

/** Without escape sequences and control characters that would change a terminal. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- escape sequences are what is looked for
  return text.replaceAll(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, "").replaceAll(/[^\P{C}\n\t]/gu, "");
}
