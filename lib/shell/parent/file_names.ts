/** Names of files below a folder. Pure. */

/** Characters of a name, with the folders in it. */
const LENGTH = 512;

/** Whether a name stays below the folder that it is relative to, on every system. */
export function isRelativeName(name: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  const isText = name.length > 0 && name.length <= LENGTH && !/[\x00-\x1f\x7f\\:]/.test(name);
  return isText && name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
