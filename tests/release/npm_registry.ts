/** A registry of npm with a few packages, on the loopback. */
import { createHash } from "node:crypto";

/** A package of one version. */
export interface Published {
  /** The contents of its package.json. */
  readonly manifest: { readonly name: string; readonly version: string };
  /** Path of what `npm pack` has made; left out where nobody may fetch it. */
  readonly archive?: string;
}

/** A registry that runs. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
  /** Names of the packages whose archives were fetched. */
  readonly fetched: string[];
}

/** Starts one. @see {@link https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md} */
export function startRegistry(packages: readonly Published[]): Registry {
  const fetched: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const url = new URL(request.url);
    const [, name = "", file] = /^\/(.+?)(?:\/-\/(.+))?$/.exec(decodeURIComponent(url.pathname)) ??
      [];
    const found = packages.find(({ manifest }) => manifest.name === name);
    if (found === undefined) return new Response("{}", { status: 404 });
    if (file === undefined) return Response.json(await packument(found, url.origin));
    fetched.push(name);
    if (found.archive === undefined) return new Response(null, { status: 404 });
    return new Response((await Deno.open(found.archive)).readable);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    fetched,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function packument({ manifest, archive }: Published, origin: string) {
  const { name, version } = manifest;
  const bytes = archive === undefined ? new Uint8Array() : await Deno.readFile(archive);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const tarball = `${origin}/${name}/-/${version}.tgz`;
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist: { tarball, integrity } } },
  };
}
