/**
 * A list of the software in the program, as CycloneDX 1.6. Pure: the same packages give the same text.
 *
 * @see {@link https://cyclonedx.org/docs/1.6/json/}
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Locked, Package } from "./packages.ts";
import { PROJECT } from "./project.ts";

/** A package with what is known of it. */
export interface Described extends Package {
  readonly locked?: Locked;
  /** The licence of its package.json: an SPDX identifier or expression. */
  readonly licence?: string;
}

/** What the list is of. */
export interface Product {
  readonly version: string;
  /** Version of Deno, whose runtime is in each binary. */
  readonly deno: string;
  readonly time: Date;
}

/** The document. */
export function cycloneDx({ version, deno, time }: Product, packages: readonly Described[]) {
  const components = [runtime(deno), ...packages.map(component)];
  const root = `pkg:github/${PROJECT.slug}@v${version}`;
  const content = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: time.toISOString(),
      lifecycles: [{ phase: "build" }],
      component: {
        type: "application",
        "bom-ref": root,
        name: PROJECT.name,
        version,
        description: PROJECT.summary,
        licenses: licences(PROJECT.license),
        purl: root,
        externalReferences: [{ type: "vcs", url: PROJECT.repository }],
      },
    },
    components,
    dependencies: dependencies(root, components[0]?.["bom-ref"] ?? "", packages),
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    ...content,
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
  };
}

/** Deno's runtime, in whose name vulnerabilities are published. */
function runtime(version: string) {
  const purl = `pkg:github/denoland/deno@v${version}`;
  return {
    type: "platform",
    "bom-ref": purl,
    name: "deno",
    version,
    licenses: licences("MIT"),
    cpe: `cpe:2.3:a:deno:deno:${version}:*:*:*:*:*:*:*`,
    purl,
  };
}

function component({ name, version, locked, licence }: Described) {
  const [, scope, short = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const purl = purlOf({ name, version });
  return {
    type: "library",
    "bom-ref": purl,
    ...scope === undefined ? {} : { group: scope },
    name: short,
    version,
    scope: "required",
    ...locked?.integrity === undefined ? {} : { hashes: [hashOf(locked.integrity)] },
    ...licence === undefined ? {} : { licenses: licences(licence) },
    purl,
  };
}

function purlOf({ name, version }: Package): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** `sha512-<base64>` of a lock file, as CycloneDX writes it. */
function hashOf(integrity: string) {
  const [, bits, base64 = ""] = /^sha(\d+)-(.+)$/.exec(integrity) ?? [];
  if (bits === undefined) throw new Error(`Cannot read the hash "${integrity}" of the lock file`);
  return { alg: `SHA-${bits}`, content: Buffer.from(base64, "base64").toString("hex") };
}

function licences(licence: string) {
  if (/\s(?:OR|AND|WITH)\s/.test(licence)) return [{ expression: licence }];
  return [{ license: /^[\w.+-]+$/.test(licence) ? { id: licence } : { name: licence } }];
}

/** Who needs whom, among what is in the program; what nobody else needs is the program's own. */
function dependencies(root: string, runtime: string, packages: readonly Described[]) {
  const needed = packages.map((one) => ({
    ref: purlOf(one),
    dependsOn: (one.locked?.dependencies ?? []).flatMap((name) =>
      packages.filter(({ name: other, version }) =>
        name === other || name === `${other}@${version}`
      )
        .map(purlOf)
    ),
  }));
  const byOthers = new Set(needed.flatMap(({ dependsOn }) => dependsOn));
  const own = needed.map(({ ref }) => ref).filter((ref) => !byOthers.has(ref));
  return [{ ref: root, dependsOn: [runtime, ...own] }, { ref: runtime, dependsOn: [] }, ...needed];
}

/** A UUID made of a text: version 8 of RFC 9562. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = (Number.parseInt(hex[16] ?? "0", 16) & 3 | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
