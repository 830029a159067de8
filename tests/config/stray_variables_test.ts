import assert from "node:assert/strict";
import { strayVariables } from "../../lib/config/settings/stray_variables.ts";
import { ROWS } from "../../lib/config/settings/table.ts";

Deno.test("a variable that is nearly that of a setting is told, with the setting", () => {
  assert.deepEqual(strayVariables(["PATH", "KUBECODE_PROFIL", "K8S_MCP_TIMEOT"]), [
    "the variable KUBECODE_PROFIL is not read; did you mean KUBECODE_PROFILE?",
    "the variable K8S_MCP_TIMEOT is not read; did you mean K8S_MCP_TIMEOUT?",
  ]);
  assert.match(strayVariables(["KUBECODE_STAET_KEY"]).join(), /mean KUBECODE_STATE_KEY\?/);
  const known = ROWS.flatMap((
    [, { variable = "", otherVariable = "" }],
  ) => [variable, otherVariable]);
  assert.deepEqual(strayVariables([...known, "KUBECODE_STATE_KEY", "KUBECODE_IMAGE"]), []);
});

Deno.test("what Kubernetes gives a container for a Service named kubecode is no mistake", () => {
  const links = ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT"].concat(
    ["", "_PROTO", "_PORT", "_ADDR"].map((end) => `PORT_8080_TCP${end}`),
  );
  for (const name of ["KUBECODE", "KUBECODE_HTTP", "KUBECODE_METRICS", "KUBECODE_MCP"]) {
    assert.deepEqual(strayVariables(links.map((link) => `${name}_${link}`)), []);
  }
});
