/** The version of this program, as `--version`, MCP's server information and the User-Agent show it. */
export const VERSION = "0.1.0";
