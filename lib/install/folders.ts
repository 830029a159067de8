/** Where programs keep what belongs to a user, by system. Pure. */
import { ConfigError } from "../errors.ts";

/** The folders of a user. */
export interface Folders {
  readonly home: string;
  /** Configuration of programs that follow XDG: `~/.config`; on Windows `%APPDATA%`. */
  readonly config: string;
  /** Configuration of desktop applications: differs from `config` on macOS. */
  readonly applications: string;
  /** What programs keep of their own: `~/.local/state`, `%LOCALAPPDATA%`. */
  readonly state: string;
  readonly windows: boolean;
  readonly mac: boolean;
  env(name: string): string | undefined;
}

/**
 * The folders of the user of an environment.
 *
 * @param os as `Deno.build.os` has it
 * @throws {ConfigError} no home is known
 * @see {@link https://specifications.freedesktop.org/basedir-spec/latest/}
 */
export function foldersOf(os: string, env: (name: string) => string | undefined): Folders {
  const windows = os === "windows";
  const mac = os === "darwin";
  const home = windows ? env("USERPROFILE") || env("HOME") : env("HOME");
  if (!home) {
    throw new ConfigError(
      `Cannot find the configurations of assistants: ${
        windows ? "USERPROFILE" : "HOME"
      } is not set`,
    );
  }
  if (windows) {
    const config = env("APPDATA") || `${home}\\AppData\\Roaming`;
    const state = env("LOCALAPPDATA") || `${home}\\AppData\\Local`;
    return { home, config, applications: config, state, windows, mac, env };
  }
  const config = env("XDG_CONFIG_HOME") || `${home}/.config`;
  return {
    home,
    config,
    applications: mac ? `${home}/Library/Application Support` : config,
    state: env("XDG_STATE_HOME") || `${home}/.local/state`,
    windows,
    mac,
    env,
  };
}
