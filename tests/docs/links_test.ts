/** The documents name files as they are: every path in them exists. */
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { ROOT } from "../../scripts/files.ts";

/** What a path in a document begins with: a folder or a file of the repository's root. */
const IN_ROOT =
  /^(?:lib|tests|scripts|docs|\.ci|\.github)\/|^(?:README|CONTRIBUTING)\.md$|^LICENSE$/;

/** Those that are built, and not in every working copy. */
const BUILT = /\.generated\.ts$/;

async function documents(folder = "docs"): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    if (isDirectory) found.push(...await documents(`${folder}/${name}`));
    else if (name.endsWith(".md")) found.push(`${folder}/${name}`);
  }
  return found;
}

/** Paths in backticks, from the root; targets of links, from the document's own folder. */
function pathsIn(document: string, text: string): string[] {
  const named = [...text.matchAll(/`([^`\s]+)`/g)].map(([, path]) => path!)
    .filter((path) => IN_ROOT.test(path));
  const linked = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, path]) => path!)
    .filter((path) => !/^\w+:/.test(path))
    .map((path) => normalize(join(dirname(document), path)));
  return [...named, ...linked].filter((path) => !BUILT.test(path));
}

/** Names of all files of code, for documents that name one without its folder. */
async function filesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    found.push(...isDirectory ? await filesOf(`${folder}/${name}`) : [name]);
  }
  return found;
}

const FILES = new Set((await Promise.all(["lib", "tests", "scripts"].map(filesOf))).flat());

for (const document of ["README.md", "CONTRIBUTING.md", ...await documents()]) {
  Deno.test(`${document} names files that exist`, async () => {
    const text = await Deno.readTextFile(join(ROOT, document));
    const missing = [...text.matchAll(/`(\w+\.ts)`/g)].map(([, name]) => name!)
      .filter((name) => !FILES.has(name) && !BUILT.test(name));
    for (const path of pathsIn(document, text)) {
      const exists = await Deno.stat(join(ROOT, path)).then(() => true, () => false);
      if (!exists) missing.push(path);
    }
    assert.deepEqual(missing, []);
  });
}
