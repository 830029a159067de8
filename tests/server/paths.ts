import { fileURLToPath } from "node:url";

/** The path of a file in this folder. */
export function serverTestFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
