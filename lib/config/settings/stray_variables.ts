/** Variables of the environment that look like a setting and are none: misspelt, they do nothing. */
import { nearestNames } from "../../std/nearest.ts";
import { ROWS } from "./table.ts";

/** Those of the settings, and those that are read on their own. */
const KNOWN = [
  ...ROWS.flatMap(([, { variable, otherVariable }]) => [variable, otherVariable]),
  ...["KUBECODE_STATE_KEY", "KUBECODE_IMAGE"],
].filter((name) => name !== undefined);

const PREFIX = /^(?:KUBECODE|K8S_MCP)_/;

/**
 * What Kubernetes gives a container for a Service, here of a name such as `kubecode`.
 * @see {@link https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables}
 */
const OF_SERVICE = /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_[A-Z]+(?:_[A-Z]+)?)?)$/;

/** Names of all variables; none where Deno lets only some be read, which it then names one by one. */
function variableNames(): string[] {
  try {
    return Object.keys(Deno.env.toObject());
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return [];
    throw error;
  }
}

/** A sentence for each variable whose name is nearly that of a setting. */
export function strayVariables(names: readonly string[] = variableNames()): string[] {
  return names.filter((name) =>
    PREFIX.test(name) && !OF_SERVICE.test(name) && !KNOWN.includes(name)
  ).flatMap((name) => {
    const prefix = PREFIX.exec(name)![0];
    const known = KNOWN.filter((each) => each.startsWith(prefix));
    const near = nearestNames(
      name.slice(prefix.length),
      known.map((each) => each.slice(prefix.length)),
    );
    if (near.length === 0) return [];
    const meant = near.map((each) => `${prefix}${each}`).join(" or ");
    return [`the variable ${name} is not read; did you mean ${meant}?`];
  });
}
