/** The documents name files as they are: every path and every link in them leads somewhere. */
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { ROOT } from "../../scripts/files.ts";

/** What a path in a document begins with: a folder or a file of the repository's root. */
const IN_ROOT =
  /^(?:lib|tests|scripts|docs|deploy|\.ci|\.github)\/|^(?:README|CONTRIBUTING|CHANGELOG|SECURITY)\.md$|^LICENSE$/;

/** Those that are built, and not in every working copy. */
const BUILT = /\.generated\.ts$/;

/** All documents, from the root. */
async function documents(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    if (isDirectory) found.push(...await documents(`${folder}/${name}`));
    else if (name.endsWith(".md")) found.push(normalize(`${folder}/${name}`));
  }
  return found;
}

/** A document without its blocks of code. */
function proseOf(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, "");
}

/** Paths in backticks, from the root. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/`([^`\s]+)`/g)].map(([, path]) => path!)
    .filter((path) => IN_ROOT.test(path) && !BUILT.test(path));
}

interface Link {
  /** From the root. */
  readonly path: string;
  readonly anchor?: string;
}

/** Links to files of the repository. */
function linksIn(document: string, text: string): Link[] {
  return [...text.matchAll(/\]\(([^)\s]*?)(?:#([^)\s]*))?\)/g)]
    .filter(([, path = ""]) => !/^\w+:/.test(path))
    .map(([, path = "", anchor]) => ({
      path: path === "" ? document : normalize(join(dirname(document), path)),
      ...(anchor === undefined ? {} : { anchor }),
    }));
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...proseOf(text).matchAll(/^#+ +(.*)$/gm)].map(([, heading]) => heading!);
  const anchors = new Set<string>();
  for (const heading of headings) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-");
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count++) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
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

const AT_ROOT = [...Deno.readDirSync(ROOT)].map(({ name }) => name)
  .filter((name) => name.endsWith(".md"));

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(join(ROOT, path)).then(() => true, () => false);
}

for (const document of [...AT_ROOT, ...await documents("docs"), ...await documents("deploy")]) {
  Deno.test(`${document} names files that exist`, async () => {
    const text = await Deno.readTextFile(join(ROOT, document));
    const missing = [...text.matchAll(/`(\w+\.ts)`/g)].map(([, name]) => name!)
      .filter((name) => !FILES.has(name) && !BUILT.test(name));
    for (const path of pathsIn(text)) if (!await isThere(path)) missing.push(path);
    assert.deepEqual(missing, []);
  });

  Deno.test(`${document} links to what exists`, async () => {
    const broken: string[] = [];
    for (
      const { path, anchor } of linksIn(
        document,
        proseOf(await Deno.readTextFile(join(ROOT, document))),
      )
    ) {
      if (!await isThere(path)) broken.push(path);
      else if (anchor !== undefined && path.endsWith(".md")) {
        const anchors = anchorsOf(await Deno.readTextFile(join(ROOT, path)));
        if (!anchors.has(anchor)) broken.push(`${path}#${anchor}`);
      }
    }
    assert.deepEqual(broken, []);
  });
}

Deno.test("anchorsOf() makes anchors as GitHub does", () => {
  const text = "# A `b`, c\n\n```sh\n# no heading\n```\n\n## What's new?\n\n## What's new?\n";
  assert.deepEqual([...anchorsOf(text)], ["a-b-c", "whats-new", "whats-new-1"]);
});
