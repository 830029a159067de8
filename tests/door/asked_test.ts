import assert from "node:assert/strict";
import { documentAsked, type HttpQuestion, requestAsked } from "../../lib/door/asked.ts";
import { ApiError } from "../../lib/errors.ts";

function question(line: string, headers: Record<string, string> = {}): HttpQuestion {
  const [method = "", target = ""] = line.split(" ");
  const url = new URL(target, "http://door");
  return {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: new Headers(headers),
  };
}

/** The request in a few words: `verb group/version/resource/subresource namespace/name {options}`. */
function asked(line: string, headers?: Record<string, string>): string {
  const call = requestAsked(question(line, headers));
  const { verb, group, version, resource, subresource, namespace, name, options, form } = call;
  const kind = [group, version, resource, subresource].filter((part) => part).join("/");
  const object = [namespace, name].filter((part) => part !== undefined).join("/");
  const words = [verb, kind, object, form === "object" ? undefined : form];
  if (Object.keys(options ?? {}).length > 0) words.push(JSON.stringify(options));
  return words.filter((word) => word).join(" ");
}

Deno.test("the door: paths and methods are read as an API server reads them", () => {
  const cases: Record<string, string> = {
    "GET /api/v1/pods": "list v1/pods",
    "GET /api/v1/namespaces/shop/pods": "list v1/pods shop",
    "GET /api/v1/namespaces/shop/pods/": "list v1/pods shop",
    "GET /api/v1/namespaces/shop/pods/web": "get v1/pods shop/web",
    "GET /api/v1/namespaces/shop/pods/web/log?tailLines=5&pretty=true&timeout=3s":
      'get v1/pods/log shop/web {"tailLines":"5"}',
    "GET /api/v1/namespaces": "list v1/namespaces",
    "GET /api/v1/namespaces/shop": "get v1/namespaces shop",
    "GET /api/v1/namespaces/shop/status": "get v1/namespaces/status shop",
    "PUT /api/v1/namespaces/shop/finalize": "update v1/namespaces/finalize shop",
    "GET /apis/apps/v1/namespaces/shop/deployments/web/scale":
      "get apps/v1/deployments/scale shop/web",
    "GET /api/v1/pods?watch=true&resourceVersion=1": 'watch v1/pods {"resourceVersion":"1"}',
    "GET /api/v1/pods?watch=1": "watch v1/pods",
    "GET /api/v1/pods?watch=false&labelSelector=": "list v1/pods",
    "POST /api/v1/namespaces/shop/pods?dryRun=All": 'create v1/pods shop {"dryRun":"All"}',
    "POST /api/v1/namespaces/shop/pods/web/eviction": "create v1/pods/eviction shop/web",
    "PUT /api/v1/namespaces/shop/pods/web": "update v1/pods shop/web",
    "DELETE /api/v1/namespaces/shop/pods/web": "delete v1/pods shop/web",
    "DELETE /api/v1/namespaces/shop/pods?labelSelector=a%3Db":
      'deletecollection v1/pods shop {"labelSelector":"a=b"}',
    "GET /api/v1/namespaces/a%20b/pods/c%2Fd": "get v1/pods a b/c/d",
  };
  for (const [line, expected] of Object.entries(cases)) assert.equal(asked(line), expected, line);
});

Deno.test("the door: what cannot be understood is refused as an API server would", () => {
  const refusals: Record<string, number> = {
    "GET /": 404,
    "GET /metrics": 404,
    "GET /logs/x": 404,
    "GET /api/v1//pods": 404,
    "GET /api/v1/namespaces//pods": 404,
    "GET /apis/apps": 404,
    "OPTIONS /api/v1/pods": 405,
    "HEAD /api/v1/pods": 405,
    "GET /api/v1/pods/web?watch=true": 400,
    "GET /api/v1/watch/pods": 403,
    "GET /api/v1/proxy/nodes/n": 403,
    "GET /api/v1/namespaces/shop/pods/web/proxy/x/y": 403,
    "GET /api/v1/namespaces/shop/pods/%ff": 400,
    "GET /api/v1/pods?limit=1&limit=2": 400,
    "PATCH /api/v1/namespaces/shop/pods/web": 415,
  };
  for (const [line, status] of Object.entries(refusals)) {
    assert.throws(() => asked(line), (error) => {
      assert.ok(error instanceof ApiError, `${line}: ${error}`);
      assert.equal(error.status, status, line);
      return true;
    });
  }
});

Deno.test("the door: the form of an answer is the first that is served of those that are taken", () => {
  const form = (accept: string) => requestAsked(question("GET /api/v1/pods", { accept })).form;
  const table = "application/json;as=Table;v=v1;g=meta.k8s.io";
  assert.equal(
    form(`${table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`),
    "table",
  );
  assert.equal(form("application/vnd.kubernetes.protobuf,application/json"), "object");
  assert.equal(
    form("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
    "metadata",
  );
  assert.equal(form("application/cbor, */*"), "object");
  assert.equal(form(""), "object");
  for (const none of ["application/vnd.kubernetes.protobuf", "text/html", "application/cbor"]) {
    assert.throws(() => form(none), { status: 406 });
  }
});

Deno.test("the door: managed fields stay, but in the rows of a table, where nobody reads them", () => {
  const keeps = (accept: string) =>
    requestAsked(question("GET /api/v1/pods", { accept })).managedFields;
  assert.equal(keeps("application/json"), true);
  assert.equal(keeps("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"), true);
  assert.equal(keeps("application/json;as=Table;v=v1;g=meta.k8s.io"), false);
});

Deno.test("the door: who writes is named as an API server would name it", () => {
  const options = (line: string, headers: Record<string, string>) =>
    requestAsked(question(line, headers)).options;
  const agent = {
    "user-agent": "stern/v1 (linux)",
    "content-type": "application/merge-patch+json",
  };
  assert.deepEqual(options("POST /api/v1/namespaces/x/pods", agent), { fieldManager: "stern" });
  assert.deepEqual(options("PATCH /api/v1/namespaces/x/pods/y", agent), { fieldManager: "stern" });
  assert.deepEqual(options("PUT /api/v1/namespaces/x/pods/y?fieldManager=me", agent), {
    fieldManager: "me",
  });
  assert.deepEqual(options("DELETE /api/v1/namespaces/x/pods/y", agent), {});
  // Whoever applies has to say it.
  const apply = { ...agent, "content-type": "application/apply-patch+yaml" };
  assert.deepEqual(options("PATCH /api/v1/namespaces/x/pods/y", apply), {});
});

Deno.test("the door: documents are asked for as they are, and for nothing else", () => {
  const document = (line: string) => documentAsked(question(line, { accept: "a/b" }))?.path;
  assert.equal(document("GET /version?timeout=32s"), "/version");
  assert.equal(document("GET /apis"), "/apis");
  assert.equal(document("GET /api/v1/"), "/api/v1");
  assert.equal(document("GET /apis/apps/v1"), "/apis/apps/v1");
  assert.equal(
    document("GET /openapi/v3/apis/apps/v1?hash=AB%2F1"),
    "/openapi/v3/apis/apps/v1?hash=AB%2F1",
  );
  assert.equal(document("GET /readyz?verbose"), "/readyz?verbose");
  assert.equal(document("GET /api/v1/pods"), undefined);
  assert.equal(document("GET /metrics"), undefined);
  assert.throws(() => document("POST /version"), { status: 405 });
});
