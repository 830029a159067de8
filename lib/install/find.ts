/** Which clients are on the machine, and which of their files is meant. */
import { dirname, resolve } from "node:path";
import { InputError } from "../errors.ts";
import { onPath } from "../installed/machine.ts";
import { nearHint } from "../std/nearest.ts";
import { type Client, CLIENTS } from "./clients.ts";
import type { Folders } from "./folders.ts";

/** Whose configuration: that of this user everywhere, or that of the project in this folder. */
export type Scope = "user" | "project";

/** The scopes. */
export const SCOPES: readonly Scope[] = ["user", "project"];

/** A client, and the file that is meant. */
export interface ClientFile {
  readonly client: Client;
  readonly path: string;
  /** The folder of the project that it belongs to. */
  readonly project?: string;
}

/**
 * The clients with these names, or all that are found where none is named.
 *
 * @throws {InputError} no such client, or one whose projects have no configuration
 */
export async function chooseClients(
  ids: readonly string[],
  scope: Scope,
  folders: Folders,
): Promise<ClientFile[]> {
  const named = ids.map((id) => clientNamed(id, scope));
  const wanted = named.length > 0 ? named : await foundClients(folders);
  const files = await Promise.all(wanted.map((client) => fileOf(client, scope, folders)));
  return files.filter((file) => file !== undefined);
}

function clientNamed(id: string, scope: Scope): Client {
  const client = CLIENTS.find((each) => each.id === id);
  if (client === undefined) {
    const ids = CLIENTS.map((each) => each.id);
    const longer = ids.filter((each) => each.startsWith(`${id.toLowerCase()}-`));
    throw new InputError(`Cannot find the client "${id.slice(0, 60)}"`, {
      hint: longer.length > 0
        ? `Did you mean ${longer.join(" or ")}?`
        : nearHint(id, ids) ?? `There are ${ids.join(", ")}.`,
    });
  }
  if (scope === "project" && client.project === undefined) {
    throw new InputError(`Cannot use --scope project: ${client.title} has no file for a project`);
  }
  return client;
}

async function foundClients(folders: Folders): Promise<Client[]> {
  const found = await Promise.all(CLIENTS.map(async (client) => {
    const own = client.user(folders);
    // The home itself is no sign of anything.
    const marks = client.marks?.(folders) ?? own.map(dirname);
    for (const path of [...own, ...marks]) if (await exists(path)) return true;
    return client.program !== undefined &&
      onPath(client.program, folders.windows, folders.env) !== undefined;
  }));
  return CLIENTS.filter((_, at) => found[at]);
}

async function fileOf(
  client: Client,
  scope: Scope,
  folders: Folders,
): Promise<ClientFile | undefined> {
  const paths = scope === "user"
    ? client.user(folders)
    : client.project?.map((path) => resolve(path)) ?? [];
  const project = scope === "project" ? { project: resolve(".") } : {};
  for (const path of paths) if (await exists(path)) return { client, path, ...project };
  const [path] = paths;
  return path === undefined ? undefined : { client, path, ...project };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
