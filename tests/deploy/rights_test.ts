/** What the chart's roles let the ServiceAccount do, asked of the real API server with its token. */
import assert from "node:assert/strict";
import { CHART, type Place, placeTest, ProgramError } from "./place.ts";

/** Installs the chart; gives a kubectl that has nothing but the ServiceAccount's token. */
async function account({ helm, kubectl, namespace }: Place, set: readonly string[]) {
  const values = set.flatMap((each) => ["--set", each]);
  await helm("install", "kubecode", CHART, "-n", namespace, ...values);
  const token = (await kubectl("create", "token", "kubecode", "-n", namespace)).trim();
  const own = ["--context", "nobody", "--token", token, "-n", namespace];
  return {
    may: async (words: string): Promise<boolean> => {
      try {
        await kubectl(...own, ...words.split(" "));
        return true;
      } catch (error) {
        assert.ok(error instanceof ProgramError);
        assert.match(error.message, /forbidden|\bno\s*$/i);
        return false;
      }
    },
  };
}

async function assertMay(
  { may }: Awaited<ReturnType<typeof account>>,
  expected: Readonly<Record<string, boolean>>,
): Promise<void> {
  const found: Record<string, boolean> = {};
  for (const words of Object.keys(expected)) found[words] = await may(words);
  assert.deepEqual(found, expected);
}

placeTest("rights: by default it reads all but Secrets, and changes nothing", async (place) => {
  await assertMay(await account(place, []), {
    "get pods -A": true,
    "get nodes": true,
    "get crds": true,
    "get clusterroles": true,
    "get events -A": true,
    "auth can-i get pods --subresource=log": true,
    "auth can-i get deployments --subresource=scale": true,
    "get secrets": false,
    "get secret kubecode-state-key": false,
    "auth can-i watch secrets -A": false,
    "auth can-i create pods": false,
    "auth can-i patch deployments": false,
    "auth can-i create serviceaccounts --subresource=token": false,
    "auth can-i get pods --subresource=proxy": false,
    "auth can-i get nodes --subresource=proxy": false,
    "auth can-i create pods --subresource=exec": false,
    "auth can-i impersonate users": false,
    "auth can-i create tokenreviews": false,
    "auth can-i bind clusterroles": false,
  });
});

placeTest(
  "rights: changes are for the namespaces that are named, and never rights",
  async (place) => {
    const { namespace } = place;
    const set = ["rbac.write.enabled=true", `rbac.write.namespaces={${namespace}}`];
    await assertMay(await account(place, [...set, "rbac.exec.enabled=true"]), {
      "auth can-i patch deployments": true,
      "auth can-i delete pods": true,
      "auth can-i create pods --subresource=exec": true,
      "auth can-i patch deployments -n default": false,
      "auth can-i create secrets": false,
      "auth can-i create roles": false,
      "auth can-i create rolebindings": false,
      "auth can-i update nodes": false,
      "auth can-i create serviceaccounts": false,
      "auth can-i create mutatingwebhookconfigurations": false,
    });
  },
);

const CALLERS = ["impersonation.users={alice@example.com}", "impersonation.groups={platform}"];
const ALICE = "--as alice@example.com";

placeTest(
  "rights: in the name of callers it is those that are named, and nobody else",
  async (place) => {
    await bindAlice(place);
    await assertMay(await account(place, CALLERS), {
      [`get pods ${ALICE}`]: true,
      [`get pods ${ALICE} --as-group platform`]: true,
      [`delete configmap none --ignore-not-found ${ALICE}`]: true,
      // Whatever she may do: RBAC says no more than who.
      [`get secrets ${ALICE}`]: true,
      "get pods": false,
      "get pods --as bob@example.com": false,
      [`get pods ${ALICE} --as-group system:masters`]: false,
      "get pods --as system:kube-controller-manager": false,
    });
  },
);

placeTest("rights: constrained, callers' names are good for reading alone", async (place) => {
  await bindAlice(place);
  await assertMay(await account(place, [...CALLERS, "impersonation.constrained=true"]), {
    [`get pods ${ALICE}`]: true,
    [`get deployments ${ALICE} --as-group platform`]: true,
    [`auth whoami ${ALICE}`]: true,
    [`get secrets ${ALICE}`]: false,
    [`delete configmap none --ignore-not-found ${ALICE}`]: false,
    "get pods": false,
    "get pods --as bob@example.com": false,
    [`get pods ${ALICE} --as-group system:masters`]: false,
  });
});

/** Alice administers the namespace. */
async function bindAlice({ kubectl, namespace }: Place): Promise<void> {
  const rights = ["--clusterrole=admin", "--user=alice@example.com"];
  await kubectl("create", "rolebinding", "alice", "-n", namespace, ...rights);
}
