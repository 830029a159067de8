import assert from "node:assert/strict";
import { createOpenApiDocuments } from "../../lib/kube/schemas/documents.ts";

const ALWAYS = { maxAgeMs: -1 };
const NEVER = { maxAgeMs: Infinity };

/** A server of documents whose marks can be changed, and what was asked of it. */
function server(places: Record<string, string>, bytes = 1_000) {
  const asked: string[] = [];
  let fails = 0;
  const documents = createOpenApiDocuments((path) => {
    asked.push(path);
    if (fails-- > 0) return Promise.reject(new Error("not now"));
    if (path !== "/openapi/v3") {
      return Promise.resolve({ value: { components: { schemas: { of: path } } }, bytes });
    }
    const paths = Object.entries(places).map(([place, serverRelativeURL]) => [place, {
      serverRelativeURL,
    }]);
    return Promise.resolve({ value: { paths: Object.fromEntries(paths) }, bytes: 100 });
  });
  return { asked, documents, fail: (count: number) => fails = count };
}

const CORE = { group: "", version: "v1" };

Deno.test("createOpenApiDocuments() asks for a document once, while its mark stays", async () => {
  const places = { "api/v1": "?hash=1", "apis/apps/v1": "?hash=1" };
  const { asked, documents } = server(places);
  assert.deepEqual(await documents(CORE, NEVER), { of: "/openapi/v3/api/v1" });
  await Promise.all([documents(CORE, NEVER), documents(CORE, ALWAYS)]);
  assert.deepEqual(asked, ["/openapi/v3", "/openapi/v3/api/v1", "/openapi/v3"]);
  places["api/v1"] = "?hash=2";
  await documents(CORE, NEVER);
  assert.equal(asked.length, 3);
  await documents(CORE, ALWAYS);
  assert.deepEqual(asked.slice(3), ["/openapi/v3", "/openapi/v3/api/v1"]);
});

Deno.test("createOpenApiDocuments() shares what is under way", async () => {
  const { asked, documents } = server({ "api/v1": "?hash=1" });
  await Promise.all(Array.from({ length: 20 }, () => documents(CORE, NEVER)));
  assert.deepEqual(asked, ["/openapi/v3", "/openapi/v3/api/v1"]);
});

Deno.test("createOpenApiDocuments() has none for what the index does not name", async () => {
  const { documents } = server({ "api/v1": "?hash=1" });
  assert.equal(await documents({ group: "apps", version: "v1" }, NEVER), undefined);
});

Deno.test("createOpenApiDocuments() forgets a failure", async () => {
  const { documents, fail } = server({ "api/v1": "?hash=1" });
  fail(1);
  await assert.rejects(documents(CORE, NEVER), /not now/);
  assert.ok(await documents(CORE, NEVER));
});

Deno.test("createOpenApiDocuments() keeps a bounded number of documents", async () => {
  const groups = Array.from({ length: 30 }, (_, at) => `g${at}`);
  const places = Object.fromEntries(groups.map((group) => [`apis/${group}/v1`, "?hash=1"]));
  const { asked, documents } = server(places);
  for (const group of groups) await documents({ group, version: "v1" }, NEVER);
  const before = asked.length;
  await documents({ group: "g29", version: "v1" }, NEVER);
  assert.equal(asked.length, before);
  await documents({ group: "g0", version: "v1" }, NEVER);
  assert.equal(asked.length, before + 1);
});

Deno.test("createOpenApiDocuments() keeps a bounded number of bytes", async () => {
  const groups = ["a", "b", "c", "d"];
  const places = Object.fromEntries(groups.map((group) => [`apis/${group}/v1`, "?hash=1"]));
  const { asked, documents } = server(places, 30 * 1024 * 1024);
  for (const group of groups) await documents({ group, version: "v1" }, NEVER);
  const before = asked.length;
  await documents({ group: "d", version: "v1" }, NEVER);
  await documents({ group: "c", version: "v1" }, NEVER);
  assert.equal(asked.length, before);
  await documents({ group: "b", version: "v1" }, NEVER);
  assert.equal(asked.length, before + 1);
});
