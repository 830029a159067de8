/** Lists of texts as a config file writes them. Pure. */
import { parseYaml } from "../yaml/yaml.ts";

/** A list on one line: `[prod, "*", "no"]`. */
export function flowList(texts: readonly string[]): string {
  return `[${texts.map(flowText).join(", ")}]`;
}

/** A text as it is where YAML takes it for that very text, in quotes where not. */
function flowText(text: string): string {
  const plain = /^\w[\w./*?-]*$/.test(text) && parseYaml(text, "text") === text;
  return plain ? text : JSON.stringify(text);
}
