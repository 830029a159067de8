/** Scripts of the sandbox, as tests write them. */

/** Stands for a value while the lines of a template are looked at; no script has it. */
const VALUE = "\u{10ffff}";

/**
 * A script of several lines in a test: the template without the indentation that all its lines
 * share, and without an empty first and last line. Values are put in as they are.
 *
 * @example
 * ```ts
 * const names = js`
 *   const pods = k8s.coreV1().pods("${namespace}").list();
 *   pods.items.map((pod) => pod.metadata.name);
 * `;
 * ```
 */
export function js(
  template: TemplateStringsArray,
  ...values: readonly (string | number)[]
): string {
  const lines = template.join(VALUE).replace(/^\n/, "").replace(/\n *$/, "").split("\n");
  const indent = Math.min(
    ...lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)),
  );
  let next = 0;
  return lines.map((line) => line.slice(indent)).join("\n")
    .replaceAll(VALUE, () => String(values[next++]));
}
