import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createDiscoveryCache } from "../../lib/programs/run/discovery_cache.ts";
import { removeFolder } from "../../lib/programs/run/folders.ts";

const address = (key: string) => `http://127.0.0.1:4711/${key}/0`;
const place = (folder: string, key: string) =>
  `${folder}/cache/kube/discovery/127.0.0.1_4711/${key}/0`;

Deno.test("what one call has asked of the cluster, the next finds, read-only", async () => {
  const root = await Deno.makeTempDir();
  const [one, two] = [`${root}/one`, `${root}/two`];
  try {
    const cache = createDiscoveryCache(`${root}/discovery`);
    cache.lend(one, address("a"));
    assert.ok(!existsSync(place(one, "a")), "nothing is kept so far");

    await Deno.mkdir(`${place(one, "a")}/apps/v1`, { recursive: true });
    cache.keep(one, address("a"));
    cache.lend(two, address("b"));
    assert.ok(!existsSync(place(two, "b")), "a half of it is not kept");

    await Deno.writeTextFile(`${place(one, "a")}/servergroups.json`, "groups");
    await Deno.writeTextFile(`${place(one, "a")}/apps/v1/serverresources.json`, "apps");
    cache.keep(one, address("a"));
    cache.lend(two, address("b"));
    cache.lend(two, address("b"));
    const file = `${place(two, "b")}/apps/v1/serverresources.json`;
    assert.equal(await Deno.readTextFile(file), "apps");
    assert.equal((await Deno.stat(file)).mode! & 0o777, 0o400);
    assert.equal((await Deno.stat(place(two, "b"))).mode! & 0o777, 0o500);

    cache.keep(two, address("b"));
    assert.equal(await Deno.readTextFile(file), "apps", "what was lent stays where it is");
    await removeFolder(two);
    assert.ok(existsSync(`${root}/discovery/servergroups.json`), "a link is not followed");
  } finally {
    await removeFolder(root);
  }
  assert.ok(!existsSync(root));
});
