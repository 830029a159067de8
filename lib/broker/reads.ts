/** Which calls leave a cluster as it was. */
import { isRead } from "../policy/classify.ts";
import type { BrokerCall } from "./types.ts";

/** Whether a call only reads, by what it says of itself. */
export function isReadCall(call: BrokerCall): boolean {
  return call.op === "request"
    ? isRead({ ...call, group: call.group ?? "", resource: call.resource.toLowerCase() })
    : call.op !== "exec";
}
