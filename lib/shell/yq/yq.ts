/** yq, in the dialect of mikefarah's version 4: YAML and JSON, with its comments and quotes kept. */
import {
  type Command,
  defineCommand,
  type ExecResult,
  type ResolvedCommandContext,
} from "just-bash";
import { type Alias, type Document, isScalar, type Node, parseAllDocuments, Scalar } from "yaml";
import { failure, fromText, result, toText } from "../base/bytes.ts";
import { type Options, readOptions, UsageError } from "../base/options.ts";
import { readInput } from "../base/text_command.ts";
import { loose, type Place, plain, real, textOf } from "./nodes.ts";
import type { Env, Filter } from "./operators.ts";
import { jsonOf, propertiesOf, yamlOf } from "./output.ts";
import { parseExpression } from "./parse.ts";
import { YqError } from "./tokens.ts";

const TABLE = {
  flags: "reniPNCMvV",
  values: "opIsf",
  long: {
    "output-format": "o",
    "input-format": "p",
    indent: "I",
    "exit-status": "e",
    "null-input": "n",
    inplace: "i",
    prettyPrint: "P",
    "no-doc": "N",
    "no-colors": "M",
    colors: "C",
    "split-exp": "s",
    "from-file": "f",
    unwrapScalar: "r",
    version: "V",
  },
};

/** One document of an input, as a place whose node can be replaced. */
interface Root {
  place: Place;
  readonly document: Document;
}

/** yq. */
export const yq: Command = defineCommand("yq", async (words, context) => {
  try {
    return await run(words, context);
  } catch (error) {
    const isOurs = error instanceof YqError || error instanceof UsageError;
    if (!isOurs && !(error instanceof RangeError)) throw error;
    return failure("Error", error.message);
  }
});

async function run(words: readonly string[], context: ResolvedCommandContext): Promise<ExecResult> {
  const [command = ""] = words;
  const isCommand = ["e", "eval", "ea", "eval-all"].includes(command);
  const isAll = command.startsWith("ea") || command === "eval-all";
  const options = readOptions(withoutValues(isCommand ? words.slice(1) : words), TABLE);
  if (options.has("V")) {
    return result("yq (https://github.com/mikefarah/yq/) version v4, kubecode's\n");
  }
  const { expression, files } = await splitOperands(options, context);
  const filter = parseExpression(expression);
  const env: Env = { variables: new Map(), environment: context.env };
  const outputs: Output[] = [];
  const changed = new Map<string, Place[]>();
  const inputs = await readInputs(options, files, context);
  if (isAll) outputs.push(...evaluateAll(filter, env, inputs));
  else {
    for (const { place, document } of inputs) {
      const found = filter(env, place);
      outputs.push(...found.map((each) => ({ place: each, root: place, document })));
      changed.set(place.document.file, [...changed.get(place.document.file) ?? [], ...found]);
    }
  }
  const format = formatOf(options, files);
  if (options.has("i")) return await writeBack(changed, options, format, context);
  const split = options.value("s");
  if (split !== undefined) {
    return await writeSplit(parseExpression(split), env, outputs, options, context);
  }
  const isEmpty = outputs.every(({ place }) => {
    const node = real(place);
    return isScalar(node) && (node.value === null || node.value === false);
  });
  const failed = options.has("e") && isEmpty;
  return result(
    fromText(printed(outputs, options, format)),
    failed ? "Error: no matches found\n" : "",
    failed ? 1 : 0,
  );
}

/** What is given, and the document that it comes from. */
interface Output {
  readonly place: Place;
  readonly root: Place;
  readonly document?: Document;
}

/** `-r=false` and `-P=true` have values that a short flag has not. */
function withoutValues(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    if (/^-[a-zA-Z]=false$/.test(word)) return [];
    const match = /^(-[a-zA-Z])=(.*)$/.exec(word);
    return match ? [match[2] === "true" ? match[1] ?? "" : (match[1] ?? "") + match[2]] : [word];
  });
}

async function splitOperands(
  options: Options,
  context: ResolvedCommandContext,
): Promise<{ expression: string; files: readonly string[] }> {
  const file = options.value("f");
  if (file !== undefined) {
    const text = await readInput(file, context);
    if (typeof text !== "string") throw new YqError(text.why);
    return { expression: toText(text), files: options.operands };
  }
  const [first, ...rest] = options.operands;
  if (first === undefined) return { expression: ".", files: [] };
  const path = context.fs.resolvePath(context.cwd, first);
  const isFile = first === "-" || rest.length === 0 && await context.fs.exists(path) &&
      (await context.fs.stat(path)).isFile;
  return isFile ? { expression: ".", files: [first] } : { expression: first, files: rest };
}

async function readInputs(
  options: Options,
  files: readonly string[],
  context: ResolvedCommandContext,
): Promise<Root[]> {
  if (options.has("n")) {
    const [root] = readDocuments("null", "", 0);
    return root ? [root] : [];
  }
  const roots: Root[] = [];
  for (const [fileIndex, file] of (files.length > 0 ? files : ["-"]).entries()) {
    const text = await readInput(file, context);
    if (typeof text !== "string") throw new YqError(`open ${file}: no such file or directory`);
    roots.push(...readDocuments(toText(text), file, fileIndex));
  }
  return roots;
}

/** @throws {YqError} what is no YAML */
function readDocuments(text: string, file: string, fileIndex: number): Root[] {
  const documents = parseAllDocuments(text, { intAsBigInt: true, merge: false, logLevel: "error" });
  if (!Array.isArray(documents)) return [];
  return (documents as Document[]).map((document, index) => {
    const [error] = document.errors;
    if (error) throw new YqError(`bad file '${file}': yaml: ${error.message.split("\n")[0]}`);
    const resolve = (alias: Alias) => alias.resolve(document);
    const source = { file, fileIndex, index, resolve };
    return {
      document,
      place: loose((document.contents ?? new Scalar(null)) as Node, { document: source }),
    };
  });
}

/** `ea`: the expression sees all documents at once. */
function evaluateAll(filter: Filter, env: Env, roots: readonly Root[]): Output[] {
  const [first] = roots;
  if (!first) return [];
  const together = loose(new Scalar(null), first.place);
  const all = { together, places: roots.map(({ place }) => place) };
  return filter({ ...env, all }, together).map((place) => ({ place, root: first.place }));
}

type Format = "yaml" | "json" | "props" | "csv" | "tsv";

function formatOf(options: Options, files: readonly string[]): Format {
  const isJson = files[0]?.endsWith(".json") ?? false;
  const given = options.value("o") ?? (isJson ? "json" : "yaml");
  const names: Readonly<Record<string, Format>> = {
    y: "yaml",
    yaml: "yaml",
    yml: "yaml",
    a: "yaml",
    auto: "yaml",
    j: "json",
    json: "json",
    p: "props",
    props: "props",
    c: "csv",
    csv: "csv",
    t: "tsv",
    tsv: "tsv",
  };
  const format = Object.hasOwn(names, given) ? names[given] : undefined;
  if (format === undefined) {
    throw new YqError(`unknown format '${given}' please use [yaml|json|props|csv|tsv]`);
  }
  return format;
}

function printed(outputs: readonly Output[], options: Options, format: Format): string {
  let made = "";
  let last: Place["document"] | undefined;
  for (const { place, root, document } of outputs) {
    const isNext = last !== undefined &&
      (place.document.index !== last.index || place.document.fileIndex !== last.fileIndex);
    if (isNext && format === "yaml" && !options.has("N")) made += "---\n";
    last = place.document;
    const comment = document && place === root ? document.commentBefore : undefined;
    if (comment && format === "yaml") {
      made += comment.replace(/^/gm, "#").replace(/^#$/gm, "") + "\n";
    }
    made += one(place, options, format);
  }
  return made;
}

function one(place: Place, options: Options, format: Format): string {
  const node = real(place);
  const indent = Number(options.value("I") ?? 2);
  if (format === "json") return `${jsonOf(place, indent)}\n`;
  if (format === "props") return propertiesOf(place);
  if (isScalar(node)) return `${textOf(node)}\n`;
  if (
    options.has("P") || /\.json$/.test(place.document.file) || options.value("p")?.startsWith("j")
  ) {
    plain(node);
  }
  return yamlOf(place, { indent });
}

async function writeBack(
  changed: ReadonlyMap<string, readonly Place[]>,
  options: Options,
  format: Format,
  { fs, cwd }: ResolvedCommandContext,
): Promise<ExecResult> {
  for (const [file, places] of changed) {
    const text = printed(places.map((place) => ({ place, root: place })), options, format);
    await fs.writeFile(fs.resolvePath(cwd, file), text);
  }
  return result("");
}

/** `-s`: each result into a file of its own, named by an expression. */
async function writeSplit(
  name: Filter,
  env: Env,
  outputs: readonly Output[],
  options: Options,
  { fs, cwd }: ResolvedCommandContext,
): Promise<ExecResult> {
  for (const output of outputs) {
    const [found] = name(env, output.place);
    const file = `${found ? textOf(real(found)) : "document"}.yml`;
    await fs.writeFile(fs.resolvePath(cwd, file), printed([output], options, "yaml"));
  }
  return result("");
}
