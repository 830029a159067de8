/**
 * The assistants that an MCP server can be added to: where each keeps its configuration, under which
 * key, and what an entry looks like. Data only; each row names the page that documents it.
 */
import type { EntryShape } from "./entry.ts";
import type { Folders } from "./folders.ts";

/** How a configuration is written. */
export type FormatName = "json" | "yaml" | "toml";

/** One assistant. */
export interface Client {
  /** What it is called on the command line. */
  readonly id: string;
  /** What people call it. */
  readonly title: string;
  readonly format: FormatName;
  /** The key of the map of servers. */
  readonly key: string;
  readonly shape: EntryShape;
  /** The file of this user: the first that exists, or else the first; none where there is none. */
  user(folders: Folders): readonly string[];
  /** The file of a project, from its folder: the first that exists, or else the first. */
  readonly project?: readonly string[];
  /** Paths that are there where it is installed; the folder of the user's file is another. */
  marks?(folders: Folders): readonly string[];
  /** Its program, where no other one is called so: goose, copilot and q may be something else. */
  readonly program?: string;
  /** It gives the environment of the shell that it was started from to its servers. */
  readonly keepsEnvironment?: true;
  /** Where its configuration is documented. */
  readonly docs: string;
}

/** All of them, in the order in which they are listed. */
export const CLIENTS: readonly Client[] = [
  {
    id: "claude-code",
    title: "Claude Code",
    format: "json",
    key: "mcpServers",
    shape: "typed",
    user: ({ home, env }) => [join(env("CLAUDE_CONFIG_DIR") || home, ".claude.json")],
    project: [".mcp.json"],
    marks: ({ home }) => [join(home, ".claude"), join(home, ".claude.json")],
    program: "claude",
    keepsEnvironment: true,
    docs: "https://code.claude.com/docs/en/mcp",
  },
  {
    id: "claude-desktop",
    title: "Claude Desktop",
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: ({ applications }) => [join(applications, "Claude", "claude_desktop_config.json")],
    docs: "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
  },
  {
    id: "cursor",
    title: "Cursor",
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: ({ home }) => [join(home, ".cursor", "mcp.json")],
    project: [".cursor/mcp.json"],
    docs: "https://cursor.com/docs/context/mcp",
  },
  vsCode("vscode", "VS Code", "Code", [".vscode/mcp.json"]),
  vsCode("vscode-insiders", "VS Code Insiders", "Code - Insiders"),
  {
    id: "windsurf",
    title: "Windsurf",
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: ({ home }) => [join(home, ".codeium", "windsurf", "mcp_config.json")],
    docs: "https://docs.windsurf.com/windsurf/cascade/mcp",
  },
  {
    id: "gemini-cli",
    title: "Gemini CLI",
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: ({ home }) => [join(home, ".gemini", "settings.json")],
    project: [".gemini/settings.json"],
    program: "gemini",
    keepsEnvironment: true,
    docs: "https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md",
  },
  {
    // It gives its servers a few variables only, KUBECONFIG not among them.
    id: "codex",
    title: "Codex",
    format: "toml",
    key: "mcp_servers",
    shape: "plain",
    user: ({ home, env }) => [join(env("CODEX_HOME") || join(home, ".codex"), "config.toml")],
    project: [".codex/config.toml"],
    program: "codex",
    docs: "https://developers.openai.com/codex/mcp",
  },
  {
    id: "goose",
    title: "Goose",
    format: "yaml",
    key: "extensions",
    shape: "goose",
    user: ({ config, windows }) => [
      windows
        ? join(config, "Block", "goose", "config", "config.yaml")
        : join(config, "goose", "config.yaml"),
    ],
    docs: "https://block.github.io/goose/docs/guides/config-files",
  },
  {
    id: "zed",
    title: "Zed",
    format: "json",
    key: "context_servers",
    shape: "zed",
    user: ({ config, windows }) => [join(config, windows ? "Zed" : "zed", "settings.json")],
    docs: "https://zed.dev/docs/ai/mcp",
  },
  {
    id: "opencode",
    title: "opencode",
    format: "json",
    key: "mcp",
    shape: "opencode",
    user: ({ home, env }) => {
      const folder = join(env("XDG_CONFIG_HOME") || join(home, ".config"), "opencode");
      return [join(folder, "opencode.json"), join(folder, "opencode.jsonc")];
    },
    project: ["opencode.json", "opencode.jsonc"],
    program: "opencode",
    keepsEnvironment: true,
    docs: "https://opencode.ai/docs/mcp-servers/",
  },
  {
    id: "copilot-cli",
    title: "Copilot CLI",
    format: "json",
    key: "mcpServers",
    shape: "copilot",
    user: (
      { home, env },
    ) => [join(env("COPILOT_HOME") || join(home, ".copilot"), "mcp-config.json")],
    keepsEnvironment: true,
    docs: "https://docs.github.com/en/copilot/how-tos/use-copilot-agents/use-copilot-cli",
  },
  extension("cline", "Cline", "saoudrizwan.claude-dev", "cline_mcp_settings.json", {
    docs: "https://docs.cline.bot/mcp/configuring-mcp-servers",
  }),
  {
    id: "cline-cli",
    title: "Cline CLI",
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: ({ home, env }) => [
      env("CLINE_MCP_SETTINGS_PATH") ||
      join(home, ".cline", "data", "settings", "cline_mcp_settings.json"),
    ],
    marks: ({ home }) => [join(home, ".cline", "data")],
    keepsEnvironment: true,
    docs: "https://docs.cline.bot/mcp/mcp-overview",
  },
  extension("roo-code", "Roo Code", "rooveterinaryinc.roo-cline", "mcp_settings.json", {
    project: [".roo/mcp.json"],
    docs: "https://docs.roocode.com/features/mcp/using-mcp-in-roo",
  }),
  {
    id: "junie",
    title: "Junie (JetBrains)",
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: ({ home }) => [join(home, ".junie", "mcp", "mcp.json")],
    project: [".junie/mcp/mcp.json"],
    marks: ({ home }) => [join(home, ".junie")],
    docs: "https://junie.jetbrains.com/docs/junie-cli-mcp-configuration.html",
  },
  {
    id: "lm-studio",
    title: "LM Studio",
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: ({ home }) => [join(home, ".lmstudio", "mcp.json")],
    docs: "https://lmstudio.ai/docs/app/mcp",
  },
  {
    id: "amazon-q",
    title: "Amazon Q Developer",
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: ({ home }) => [join(home, ".aws", "amazonq", "mcp.json")],
    project: [".amazonq/mcp.json"],
    keepsEnvironment: true,
    docs:
      "https://docs.aws.amazon.com/amazonq/latest/qdeveloper-ug/command-line-mcp-understanding-config.html",
  },
  {
    id: "kiro",
    title: "Kiro",
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: ({ home }) => [join(home, ".kiro", "settings", "mcp.json")],
    project: [".kiro/settings/mcp.json"],
    marks: ({ home }) => [join(home, ".kiro")],
    docs: "https://kiro.dev/docs/mcp/configuration/",
  },
];

function vsCode(id: string, title: string, folder: string, project?: readonly string[]): Client {
  return {
    id,
    title,
    format: "json",
    key: "servers",
    shape: "typed",
    user: ({ applications }) => [join(applications, folder, "User", "mcp.json")],
    ...(project ? { project } : {}),
    docs: "https://code.visualstudio.com/docs/copilot/reference/mcp-configuration",
  };
}

/** An extension of VS Code that keeps its servers itself. */
function extension(
  id: string,
  title: string,
  name: string,
  file: string,
  rest: Pick<Client, "project" | "docs">,
): Client {
  const folder = ({ applications }: Folders) =>
    join(applications, "Code", "User", "globalStorage", name);
  return {
    id,
    title,
    format: "json",
    key: "mcpServers",
    shape: "plain",
    user: (folders) => [join(folder(folders), "settings", file)],
    marks: (folders) => [folder(folders)],
    ...rest,
  };
}

/** With the separator that the first part has. */
function join(...parts: readonly string[]): string {
  return parts.join(parts[0]?.includes("\\") ? "\\" : "/");
}
