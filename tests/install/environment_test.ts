/** Variables that a server needs in a client that was not started from a shell. */
import assert from "node:assert/strict";
import { environmentFor } from "../../lib/install/environment.ts";
import { foldersOf } from "../../lib/install/folders.ts";

const PROGRAMS: Readonly<Record<string, string>> = {
  "gke-gcloud-auth-plugin": "/opt/google/bin/gke-gcloud-auth-plugin",
  aws: "/opt/homebrew/bin/aws",
  kubectl: "/opt/homebrew/bin/kubectl",
  env: "/usr/bin/env",
};

function variables(
  os: string,
  env: Record<string, string>,
  programs: readonly string[] = [],
  options: {
    keeps?: boolean;
    kubeconfigGiven?: boolean;
    settings?: Record<string, string>;
  } = {},
) {
  const folders = foldersOf(os, (name) => ({ HOME: "/h", USERPROFILE: "C:\\h", ...env })[name]);
  return environmentFor(options.keeps ?? false, folders, {
    programs,
    kubeconfigGiven: options.kubeconfigGiven ?? false,
    settings: options.settings ?? {},
    onPath: (name) => PROGRAMS[name],
  });
}

Deno.test("KUBECONFIG is written where the client does not have the one of the shell", () => {
  assert.deepEqual(variables("linux", { KUBECONFIG: "/a:/b" }), { KUBECONFIG: "/a:/b" });
  assert.deepEqual(variables("linux", { KUBECONFIG: "a" }), { KUBECONFIG: `${Deno.cwd()}/a` });
  assert.deepEqual(variables("linux", { KUBECONFIG: "/a" }, [], { keeps: true }), {});
  assert.deepEqual(variables("linux", { KUBECONFIG: "/a" }, [], { kubeconfigGiven: true }), {});
  assert.deepEqual(variables("linux", {}), {});
});

Deno.test("variables of settings are written where the client does not have those of the shell", () => {
  const settings = { KUBECODE_CONTEXT: "staging" };
  assert.deepEqual(variables("linux", { KUBECONFIG: "/a" }, [], { settings }), {
    KUBECODE_CONTEXT: "staging",
    KUBECONFIG: "/a",
  });
  assert.deepEqual(variables("linux", {}, [], { settings, keeps: true }), {});
});

Deno.test("PATH is written with the folders of the programs that are started by name", () => {
  const programs = ["aws", "kubectl", "gke-gcloud-auth-plugin", "env", "no-such"];
  assert.deepEqual(variables("darwin", {}, programs), {
    PATH: "/opt/homebrew/bin:/opt/google/bin:/usr/bin:/bin:/usr/sbin:/sbin",
  });
  assert.deepEqual(variables("darwin", {}, ["env"]), {});
  assert.deepEqual(variables("darwin", {}, programs, { keeps: true }), {});
  assert.deepEqual(variables("linux", { PATH: "/opt/x/bin:/h/bin" }, programs), {
    PATH: "/opt/homebrew/bin:/opt/google/bin:/h/bin:/usr/local/sbin:/usr/local/bin:" +
      "/usr/bin:/bin:/usr/sbin:/sbin",
  });
  assert.deepEqual(variables("linux", {}, ["env"]), {});
  assert.deepEqual(variables("windows", {}, programs), {});
});

Deno.test("foldersOf() follows each system, and needs a home", () => {
  const of = (os: string, env: Record<string, string>) => foldersOf(os, (name) => env[name]);
  assert.equal(of("linux", { HOME: "/h" }).applications, "/h/.config");
  assert.equal(of("linux", { HOME: "/h", XDG_CONFIG_HOME: "/x" }).config, "/x");
  assert.equal(of("darwin", { HOME: "/h" }).applications, "/h/Library/Application Support");
  assert.equal(of("darwin", { HOME: "/h" }).config, "/h/.config");
  const windows = of("windows", { USERPROFILE: "C:\\h", APPDATA: "C:\\r", LOCALAPPDATA: "C:\\l" });
  assert.deepEqual([windows.applications, windows.state], ["C:\\r", "C:\\l"]);
  assert.throws(() => of("linux", {}), /HOME is not set/);
  assert.throws(() => of("windows", {}), /USERPROFILE is not set/);
});
