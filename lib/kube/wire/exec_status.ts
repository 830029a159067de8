/** How a command ended, by the status that its session ends with. Pure. */

/** An exit code, or why there is none. */
type Exit =
  | { readonly code: number }
  | { readonly message: string; readonly reason: string };

interface Status {
  readonly status?: unknown;
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly details?: {
    readonly causes?: readonly { readonly reason?: unknown; readonly message?: unknown }[];
  };
}

/**
 * The whole message of a kubelet that runs commands as processes of its own (kwok): Go's words for an
 * exit code. The message for a command that could not be started is longer.
 */
const BARE_EXIT =
  /^(?:Internal error occurred: )?error executing command in container: exit status (\d{1,3})$/;

/**
 * Reads the JSON of a `Status`; undefined while it is not whole.
 *
 * @see {@link https://pkg.go.dev/k8s.io/apimachinery/pkg/util/remotecommand} NonZeroExitCodeReason
 */
export function readExit(text: string): Exit | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return undefined;
  const { status, message, reason, details } = parsed;
  if (status === "Success") return { code: 0 };
  if (reason === "NonZeroExitCode" && Array.isArray(details?.causes)) {
    const cause = details.causes.find((each) => each.reason === "ExitCode");
    if (/^\d{1,10}$/.test(String(cause?.message))) return { code: Number(cause?.message) };
  }
  const words = typeof message === "string" && message !== ""
    ? message
    : "the server gives no reason";
  const bare = BARE_EXIT.exec(words);
  if (bare && reason === "InternalError") return { code: Number(bare[1]) };
  return {
    message: words,
    reason: typeof reason === "string" && reason !== "" ? reason : "InternalError",
  };
}

function parse(text: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
