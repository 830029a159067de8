/**
 * Makes the files that are made from others.
 *
 *     deno task generate
 *     deno task generate docs
 *     deno task generate examples
 *     deno task generate demo-schemas SOURCE
 *     deno task generate protobuf
 *     deno task generate program-trees PROGRAM=PATH…
 *     deno task generate kustomize
 *
 * Without a name: those that are built and not committed, where what they are made from has changed.
 * `docs` writes the parts of documents that are made from the program (docs/documents.ts), `examples`
 * what the examples in them print (docs/examples.ts).
 * `demo-schemas` writes the committed schemas of the demo cluster (make_demo_schemas.ts), `protobuf`
 * the committed table of protobuf's fields (make_protobuf_table.ts), `program-trees` the committed
 * tables of the programs' verbs and flags (make_program_trees.ts), `kustomize` the manifests of
 * deploy/kustomize/ (kustomize_manifests.ts; HELM names the program).
 */
import { bundleShell } from "./generators/bundle_shell.ts";
import { bundleSandbox, bundleSearch } from "./generators/bundle_workers.ts";
import { type Generated, ROOT } from "./files.ts";

/** Makes one file from others of the repository; the same input gives the same text. */
export type Generator = () => Promise<Generated>;

const BUILT: readonly Generator[] = [bundleSandbox, bundleSearch, bundleShell];

/** The file that the first of them makes. */
const FIRST = "lib/eval/child/sandbox.generated.ts";

/**
 * Writes the files that differ from what is on disk, or are not there yet; gives their paths.
 *
 * @param root absolute; the repository by default
 */
export async function generate(
  generators: readonly Generator[] = BUILT,
  root: string = ROOT,
): Promise<string[]> {
  // The first run of all takes seconds, of which nobody would know what they are for.
  if (generators === BUILT && await read(`${root}/${FIRST}`) === undefined) {
    console.error("Building what runs in the sandbox (once)");
  }
  const written: string[] = [];
  for (const make of generators) {
    const { path, text } = await make();
    if (await read(`${root}/${path}`) === text) continue;
    // By one rename: another run may be reading it.
    const draft = `${root}/${path}.${crypto.randomUUID()}`;
    await Deno.writeTextFile(draft, text);
    await Deno.rename(draft, `${root}/${path}`);
    written.push(path);
  }
  return written;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

if (import.meta.main) {
  const [name, ...rest] = Deno.args;
  if (name === "demo-schemas") {
    const { makeDemoSchemas } = await import("./generators/make_demo_schemas.ts");
    await makeDemoSchemas(rest);
  } else if (name === "protobuf") {
    const { makeProtobufTable } = await import("./generators/make_protobuf_table.ts");
    await makeProtobufTable();
  } else if (name === "program-trees") {
    const { makeProgramTrees } = await import("./generators/make_program_trees.ts");
    await makeProgramTrees(rest);
  } else if (name === "kustomize") {
    const { kustomizeManifests } = await import("./generators/kustomize_manifests.ts");
    for (const { path, text } of await kustomizeManifests(Deno.env.get("HELM") ?? "helm")) {
      await Deno.writeTextFile(`${ROOT}/${path}`, text);
    }
  } else if (name === "docs") {
    const { writeDocuments } = await import("./generators/docs/documents.ts");
    await writeDocuments();
  } else if (name === "examples") {
    const { writeExamples } = await import("./generators/docs/examples.ts");
    await writeExamples();
  } else if (name === undefined) {
    for (const path of await generate()) console.error(`Wrote ${path}`);
  } else {
    console.error(
      `Cannot generate "${name}": there are docs, examples, demo-schemas, protobuf, program-trees and kustomize; all else needs no name.`,
    );
    Deno.exit(2);
  }
}
