/** Quantities of Kubernetes (`250m`, `1.5Gi`) as numbers, for sums and comparisons in scripts. */
import { shown, usageError } from "../base/errors.ts";
import { execOf } from "../../../std/regexp.ts";

const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/** As powers of ten in a numeral, which is read as the nearest number; a product would be rounded twice. */
const EXPONENTS: ReadonlyMap<string, string> = new Map(
  DECIMAL.map((suffix, at) => [suffix, `e${(at - 3) * 3}`]),
);
const BINARY_FACTORS: ReadonlyMap<string, number> = new Map(
  BINARY.map((suffix, at) => [suffix, 1024 ** (at + 1)]),
);

/**
 * A quantity as a number of its base unit: cores, bytes, objects. A number stays as it is, and what
 * is not given is 0, so that requests that a container leaves out need no case of their own.
 *
 * The grammar is that of `resource.Quantity` (k8s.io/apimachinery).
 *
 * @throws InputError for what is no quantity
 */
export function quantity(given: unknown): number {
  if (given === undefined || given === null) return 0;
  if (typeof given === "number") return given;
  const read = typeof given === "string"
    ? execOf(/^\s*([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)\s*$/, given)
    : null;
  if (read === null) {
    throw usageError(
      "InputError",
      `Cannot read ${shown(given)} as a quantity`,
      'A quantity is a number with a unit: "250m", "1.5Gi", "3".',
    );
  }
  const [, digits = "", exponent = "", suffix = ""] = read;
  return Number(`${digits}${exponent || (EXPONENTS.get(suffix) ?? "")}`) *
    (BINARY_FACTORS.get(suffix) ?? 1);
}
