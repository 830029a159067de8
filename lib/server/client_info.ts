/** Who is at the other end of a connection, by its own words. */
import {
  CLIENT_INFO_META_KEY,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ClientInfo } from "../audit.ts";

/** Characters of a name and of a version that are kept: a client may say anything. */
const CHARACTERS = 100;

/**
 * Name and version of the client; from the request itself since revision 2026-07-28, before that from
 * the beginning of the connection. Undefined where it does not say.
 */
export function clientInfo(server: Server, { mcpReq }: ServerContext): ClientInfo | undefined {
  const { envelope } = mcpReq;
  const stated = envelope && (envelope as Record<string, unknown>)[CLIENT_INFO_META_KEY];
  const { name, version } = Object(stated ?? server.getClientVersion()) as Partial<
    Record<keyof ClientInfo, unknown>
  >;
  if (typeof name !== "string") return undefined;
  return {
    name: name.slice(0, CHARACTERS),
    version: typeof version === "string" ? version.slice(0, CHARACTERS) : "",
  };
}
