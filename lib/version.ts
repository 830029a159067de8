/** The version of this program, as `--version`, MCP's server information and the User-Agent show it. */
export const VERSION = "0.1.0";

/** Tells a build from any other: scripts/bundle.ts puts a hash of all the code in its place. */
export const BUILD: string = "built from source";
