/**
 * What the cluster serves, as kubectl and helm keep it on disk: shared by the calls of a server, so that
 * not each of them has to ask and to read it again. Programs get it read-only. It says which names
 * there are; what may be done is decided at the door, and a name that is not in it is asked for anew.
 */
import { existsSync } from "node:fs";
import { FOLDERS } from "./environment.ts";

/** How long it is used, in milliseconds. */
const AGE_MS = 10 * 60_000;
/** The file without which there is nothing of use. */
const GROUPS = "servergroups.json";

/** The cache of one server. */
export interface DiscoveryCache {
  /** Puts what is kept where a program of a call looks for it. */
  lend(folder: string, address: string): void;
  /** Keeps what a program of a call has written there. */
  keep(folder: string, address: string): void;
}

/** Makes a cache. @param path its own folder, which need not be there */
export function createDiscoveryCache(path: string): DiscoveryCache {
  let keptAt = -Infinity;
  const isFresh = () => performance.now() - keptAt < AGE_MS;
  return {
    lend(folder, address) {
      const place = placeOf(folder, address);
      if (!isFresh() || existsSync(place)) return;
      Deno.mkdirSync(place.slice(0, place.lastIndexOf("/")), { recursive: true, mode: 0o700 });
      Deno.symlinkSync(path, place);
    },
    keep(folder, address) {
      const place = placeOf(folder, address);
      if (isFresh() || !existsSync(`${place}/${GROUPS}`)) return;
      setModes(path, 0o700, 0o600);
      if (existsSync(path)) Deno.removeSync(path, { recursive: true });
      Deno.renameSync(place, path);
      setModes(path, 0o500, 0o400);
      keptAt = performance.now();
    },
  };
}

/** Where client-go keeps the discovery of a server (`computeDiscoverCacheDir`). */
function placeOf(folder: string, address: string): string {
  const name = address.replace(/^https?:\/\//, "").replaceAll(/[^\w/.()]/g, "_");
  return `${folder}/${FOLDERS.cache}/kube/discovery/${name}`;
}

/** Sets the modes of a folder and of all in it, as far as it is there. */
function setModes(folder: string, folderMode: number, fileMode: number): void {
  if (!existsSync(folder)) return;
  Deno.chmodSync(folder, folderMode | 0o700);
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    if (isDirectory) setModes(`${folder}/${name}`, folderMode, fileMode);
    else if (isFile) Deno.chmodSync(`${folder}/${name}`, fileMode);
  }
  Deno.chmodSync(folder, folderMode);
}
