/** Functions of yq over texts: parts, patterns, encodings, variables of the environment. */
import { isScalar, isSeq } from "yaml";
import { type Functions, text, value } from "./function.ts";
import { itemsOf, loose, nodeOf, type Place, real, textOf } from "./nodes.ts";
import { type Env, type Filter, single } from "./operators.ts";
import { jsonOf, yamlOf } from "./output.ts";
import { YqError } from "./tokens.ts";

/** By name. */
export const TEXT_FUNCTIONS: Functions = {
  join: value((place, [joint]) =>
    itemsOf(place).map((item) => textOf(real(item))).join(String(joint))
  ),
  split: text((whole, [by]) => whole.split(String(by))),
  test: text((whole, [source]) => expression(source, "").test(whole)),
  match: text((whole, [source]) => {
    const found = expression(source, "").exec(whole);
    return { string: found?.[0] ?? "", offset: found?.index ?? -1, length: found?.[0].length ?? 0 };
  }),
  capture: text((whole, [source]) => ({ ...expression(source, "").exec(whole)?.groups })),
  sub: text((whole, [source, replacement]) =>
    whole.replace(expression(source, "g"), String(replacement).replace(/\$\{(\w+)\}/g, "$$$1"))
  ),
  upcase: text((whole) => whole.toUpperCase()),
  asciiupcase: text((whole) => whole.toUpperCase()),
  downcase: text((whole) => whole.toLowerCase()),
  asciidowncase: text((whole) => whole.toLowerCase()),
  trim: text((whole) => whole.trim()),
  tostring: value((place) =>
    isScalar(real(place)) ? textOf(real(place)) : yamlOf(place, {}).trimEnd()
  ),
  tonumber: text((whole) => {
    if (whole.trim() === "" || Number.isNaN(Number(whole))) {
      throw new YqError(`cannot read "${whole}" as a number`);
    }
    return Number(whole);
  }),
  env: (place, args, env) => [loose(nodeOf(fromEnvironment(args, env, place)), place)],
  strenv: (place, args, env) => [loose(nodeOf(fromEnvironment(args, env, place)), place)],
  tojson: value((place) => jsonOf(place, 2)),
  "@json": value((place) => jsonOf(place, 0)),
  toyaml: value((place) => yamlOf(place, {})),
  "@yaml": value((place) => yamlOf(place, {})),
  "@csv": value((place) => rows(place, ",")),
  "@tsv": value((place) => rows(place, "\t")),
  "@base64": text((whole) => base64(new TextEncoder().encode(whole))),
  "@base64d": text((whole) => new TextDecoder().decode(Uint8Array.fromBase64(whole.trim()))),
  "@uri": text((whole) => encodeURIComponent(whole)),
  "@sh": text((whole) =>
    /^[\w@%+=:,./-]+$/.test(whole) ? whole : `'${whole.replaceAll("'", "'\\''")}'`
  ),
  error: (place, args, env) => {
    throw new YqError(args[0] ? textOf(real(single(args[0](env, place)))) : "error");
  },
};

/** Regular expressions of Go, as far as JavaScript writes them otherwise. */
function expression(source: unknown, flags: string): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(String(source));
  const rest = String(source).slice(inline?.[0].length ?? 0).replaceAll("(?P<", "(?<");
  try {
    return new RegExp(rest, `${flags}${inline?.[1] ?? ""}`);
  } catch {
    throw new YqError(`invalid regular expression: ${source}`);
  }
}

function base64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

function rows(place: Place, separator: string): string {
  const row = (item: Place) =>
    itemsOf(item).map((cell) => {
      const written = textOf(real(cell));
      const isSpecial = separator === "," && /[",\n]/.test(written);
      return isSpecial ? `"${written.replaceAll('"', '""')}"` : written;
    }).join(separator);
  const isNested = itemsOf(place).some((item) => isSeq(real(item)));
  return isNested ? itemsOf(place).map((item) => `${row(item)}\n`).join("") : row(place);
}

/** The name of a variable is written as it is: `env(NAME)`. */
function fromEnvironment(args: readonly Filter[], env: Env, place: Place): string {
  const name = textOf(real(single(args[0]?.(env, place) ?? [])));
  const found = env.environment.get(name);
  if (found === undefined) throw new YqError(`value for env variable '${name}' not provided`);
  return found;
}
