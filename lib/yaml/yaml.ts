/**
 * YAML as Kubernetes reads and writes it. The parser is js-yaml; the schema is our own, because
 * kubectl and client-go read YAML through sigs.k8s.io/yaml, whose scalars are go-yaml v2's: the
 * booleans of YAML 1.1 (`NO`, `on`, `y`), underscores and octals in numbers, `1e3` as a number,
 * and timestamps as plain text.
 */
import {
  binaryTag,
  defineMappingTag,
  defineScalarTag,
  dump,
  DUMP_SCHEMA,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  Schema,
  seqTag,
  strTag,
  YAMLException,
} from "js-yaml";
import { InputError } from "../errors.ts";
import { integerOf, isLargeInteger } from "../std/json/exact.ts";

/** Nodes that aliases may add to a document; what go-yaml v2 allows at most. */
const ALIAS_NODE_LIMIT = 400_000;
/** Characters that aliases may add to a document: a bomb can be made of one long string too. */
const ALIAS_TEXT_LIMIT = 16 * 1024 * 1024;

const NULLS = new Set(["", "~", "null", "Null", "NULL"]);
const TRUES = new Set(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]);
const FALSES = new Set(
  ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"],
);
const INFINITE_OR_NAN = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const DECIMAL = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const BASED = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+))$/;
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

/**
 * What go-yaml v2 makes of a number; undefined when it is text to it. Integers that a JavaScript
 * number would round are BigInts, also those beyond 64 bits, which go-yaml rounds itself.
 */
function toNumber(source: string): number | bigint | undefined {
  if (!/^[-+.0-9]/.test(source)) return undefined;
  // A leading dot takes go-yaml's other road, on which underscores are not dropped.
  const plain = source.startsWith(".") ? source : source.replaceAll("_", "");
  const based = BASED.exec(plain);
  if (based) {
    const [, sign, hex, binary, octal] = based;
    const magnitude = BigInt(hex ? `0x${hex}` : binary ? `0b${binary}` : `0o${octal}`);
    const limit = sign === "-" ? INT64_MAX + 1n : sign === "+" ? INT64_MAX : UINT64_MAX;
    if (magnitude <= limit) return integerOf(sign === "-" ? -magnitude : magnitude);
  }
  if (!DECIMAL.test(plain)) return undefined;
  const value = Number(plain);
  if (isLargeInteger(value) && /^[-+]?\d+$/.test(plain)) return integerOf(BigInt(plain));
  if (!Number.isFinite(value)) return undefined;
  return Object.is(value, -0) && /^-0+$/.test(plain) ? 0 : value;
}

const nullTag = defineScalarTag("tag:yaml.org,2002:null", {
  implicit: true,
  implicitFirstChars: ["", "~", "n", "N"],
  resolve: (source) => NULLS.has(source) ? null : NOT_RESOLVED,
  identify: (value) => value === null,
  represent: () => "null",
});

const boolTag = defineScalarTag("tag:yaml.org,2002:bool", {
  implicit: true,
  implicitFirstChars: [..."yYnNtTfFoO"],
  resolve: (source) => TRUES.has(source) ? true : FALSES.has(source) ? false : NOT_RESOLVED,
  identify: (value) => typeof value === "boolean",
  represent: String,
});

const numberFirstChars = [..."-+.0123456789"];

const intTag = defineScalarTag("tag:yaml.org,2002:int", {
  implicit: true,
  implicitFirstChars: numberFirstChars,
  resolve: (source) => {
    const value = toNumber(source);
    return typeof value === "bigint" || Number.isInteger(value) ? value : NOT_RESOLVED;
  },
  identify: (value) => typeof value === "bigint" || Number.isInteger(value),
  represent: String,
});

const floatTag = defineScalarTag("tag:yaml.org,2002:float", {
  implicit: true,
  implicitFirstChars: numberFirstChars,
  resolve: (source) => {
    // Kept as numbers here and refused below: JSON, and with it the API, cannot say them.
    if (INFINITE_OR_NAN.test(source)) return NaN;
    return toNumber(source) ?? NOT_RESOLVED;
  },
  identify: (value) => typeof value === "number",
  represent: String,
});

const timestampTag = defineScalarTag("tag:yaml.org,2002:timestamp", {
  resolve: (source) => source,
  identify: () => false,
});

const binaryTextTag = defineScalarTag(binaryTag.tagName, {
  resolve: (source, isExplicit, tagName) => {
    const bytes = binaryTag.resolve(source, isExplicit, tagName);
    return bytes === NOT_RESOLVED ? NOT_RESOLVED : new TextDecoder().decode(bytes as Uint8Array);
  },
  identify: () => false,
});

/** A tag of somebody's own (`!vault`) means nothing to Kubernetes: the scalar is its text. */
const foreignTag = defineScalarTag("!", {
  matchByTagPrefix: true,
  resolve: (source) => source,
  identify: () => false,
});

/** Objects whose keys are text, as JSON has them; a null key is refused, as by sigs.k8s.io/yaml. */
const objectTag = defineMappingTag<Record<string, unknown>>(mapTag.tagName, {
  create: () => ({}),
  addPair: (object, key, value) => {
    if (key === null || typeof key === "object") return "a key must be a string";
    // defineProperty, so that a key `__proto__` is a key and nothing else.
    Object.defineProperty(object, String(key), {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    return "";
  },
  has: (object, key) => Object.hasOwn(object, String(key)),
  keys: (object) => Object.keys(object),
  get: (object, key) => object[String(key)],
  identify: mapTag.identify,
  represent: (object) => new Map(Object.entries(object)),
});

const KUBERNETES_SCHEMA = new Schema([
  strTag,
  nullTag,
  boolTag,
  intTag,
  floatTag,
  timestampTag,
  binaryTextTag,
  mergeTag,
  foreignTag,
  seqTag,
  objectTag,
]);

/** How {@linkcode parseYaml} and {@linkcode parseYamlDocuments} read. */
export interface YamlOptions {
  /**
   * What a key given twice in one mapping does: `refuse` (the default) or, as kubectl reads a
   * kubeconfig, the last one wins.
   */
  readonly duplicateKeys?: "refuse" | "last";
}

/**
 * Reads one YAML (or JSON) document into plain JSON values; an empty text is `null`.
 *
 * @param name what the text is, for messages: a file's path, or "manifest"
 * @throws {InputError} with line and column: a syntax error, more than one document, an alias bomb,
 * a value that JSON has not
 * @see {@link https://pkg.go.dev/sigs.k8s.io/yaml}
 */
export function parseYaml(text: string, name: string, options: YamlOptions = {}): unknown {
  const documents = parseYamlDocuments(text, name, options);
  if (documents.length > 1) {
    throw new InputError(`Cannot read "${name}": it holds ${documents.length} YAML documents`, {
      hint: 'Give one document; "---" begins another.',
    });
  }
  return documents[0] ?? null;
}

/**
 * Reads every document of a YAML text; empty documents are left out, as kubectl does.
 *
 * @throws {InputError} as {@linkcode parseYaml}
 */
export function parseYamlDocuments(
  text: string,
  name: string,
  options: YamlOptions = {},
): unknown[] {
  try {
    const documents = loadAll(text.startsWith("\uFEFF") ? text.slice(1) : text, {
      schema: KUBERNETES_SCHEMA,
      json: options.duplicateKeys === "last",
    });
    return documents
      .filter((document) => document !== null && document !== undefined)
      .map((document) => plainCopy(document, name, text.length));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`Cannot read "${name}": ${describeYamlError(error)}`, { cause: error });
  }
}

/** Without the excerpt that js-yaml adds: the line at fault may hold a credential. */
function describeYamlError(error: unknown): string {
  if (!(error instanceof YAMLException)) {
    return error instanceof Error ? `not YAML: ${error.message}` : "not YAML";
  }
  const { reason, mark } = error;
  // An alias or tag is quoted in the reason as the file spells it; a credential never is one.
  return mark ? `line ${mark.line + 1}, column ${mark.column + 1}: ${reason}` : reason;
}

/**
 * A copy in which nothing is shared, as go-yaml gives it; its size is measured before it is made,
 * so that a document of a few lines cannot become gigabytes.
 */
function plainCopy(root: unknown, name: string, sourceLength: number): unknown {
  const sizes = new Map<object, { readonly nodes: number; readonly text: number }>();
  const open = new Set<object>();
  let distinctNodes = 0;
  const refuse = (state: string) => {
    throw new InputError(`Cannot read "${name}": ${state}`, {
      hint: "Write the repeated parts out.",
    });
  };

  const measure = (value: unknown): { readonly nodes: number; readonly text: number } => {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new InputError(`Cannot read "${name}": it holds .inf or .nan, which JSON has not`, {
        hint: "Write a number, or put it in quotes.",
      });
    }
    if (typeof value !== "object" || value === null) {
      const text = typeof value === "string" ? value.length : 0;
      distinctNodes += 1;
      return { nodes: 1, text };
    }
    const known = sizes.get(value);
    if (known) return known;
    if (open.has(value)) refuse("an anchor contains itself");
    open.add(value);
    let nodes = 1;
    let text = 0;
    for (const [key, child] of Object.entries(value)) {
      const size = measure(child);
      nodes += size.nodes;
      text += size.text + key.length;
    }
    open.delete(value);
    distinctNodes += 1;
    sizes.set(value, { nodes, text });
    return { nodes, text };
  };

  const whole = measure(root);
  if (
    whole.nodes - distinctNodes > ALIAS_NODE_LIMIT || whole.text - sourceLength > ALIAS_TEXT_LIMIT
  ) refuse("its aliases expand to too much");
  return whole.nodes === distinctNodes ? root : structuredCopy(root);
}

function structuredCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCopy);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, structuredCopy(v)]));
}

/** js-yaml's own way to write, with BigInts as the integers that they are. */
const WRITTEN_SCHEMA = DUMP_SCHEMA.withTags(
  DUMP_SCHEMA.tags.filter(({ tagName }) => tagName === intTag.tagName).map((tag) =>
    ({
      ...tag,
      identify: (value: unknown) => typeof value === "bigint" || tag.identify?.(value),
    }) as typeof tag
  ),
);

/**
 * Writes a value as `kubectl -o yaml` does: keys in alphabetical order, lists not indented, and
 * every string quoted that some YAML reader could take for something else. Long lines are not
 * folded, unlike kubectl's: one value is one line to grep and to a model.
 *
 * @param value JSON values; `undefined` fields are left out
 */
export function toYaml(value: unknown): string {
  return dump(value, {
    schema: WRITTEN_SCHEMA,
    seqNoIndent: true,
    noRefs: true,
    sortKeys: (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0,
    lineWidth: -1,
    quoteStyle: "double",
    skipInvalid: true,
  });
}

/** A list on one line: `[prod, "*", "no"]`. */
export function toYamlFlow(texts: readonly string[]): string {
  return `[${texts.map(flowText).join(", ")}]`;
}

/** A text as it is where YAML takes it for that very text, in quotes where not. */
function flowText(text: string): string {
  const plain = /^\w[\w./*?-]*$/.test(text) && parseYaml(text, "text") === text;
  return plain ? text : JSON.stringify(text);
}
