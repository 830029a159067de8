import assert from "node:assert/strict";
import { byteField, withEncodedTokens, withPlainTokens } from "../../lib/door/byte_fields.ts";

const TOKEN = "[redacted:0123456789ab]";
const ENCODED = btoa(TOKEN);
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

const SECRET = {
  kind: "Secret",
  metadata: { name: "db", annotations: { note: TOKEN } },
  data: { password: TOKEN, name: "YWxpY2U=" },
};

Deno.test("the door: tokens in fields of bytes are base64, and come back as tokens", () => {
  const encoded = { ...SECRET, data: { password: ENCODED, name: "YWxpY2U=" } };
  assert.deepEqual(decode(withEncodedTokens(encode(SECRET), "data")), encoded);
  const list = { kind: "SecretList", metadata: {}, items: [SECRET, {}] };
  assert.deepEqual(decode(withEncodedTokens(encode(list), "data")).items, [encoded, {}]);
  const event = { type: "ADDED", object: SECRET };
  assert.deepEqual(decode(withEncodedTokens(encode(event), "data")).object, encoded);
  assert.deepEqual(decode(withPlainTokens(encode(encoded))), SECRET);
  // Also within a text, as where kubectl keeps what it has applied.
  const applied = { metadata: { annotations: { last: JSON.stringify(encoded) } } };
  assert.deepEqual(
    decode(withPlainTokens(encode(applied))).metadata.annotations.last,
    JSON.stringify(SECRET),
  );
});

Deno.test("the door: what is no token stays, byte for byte", () => {
  const odd = encode({
    data: { a: btoa("[redacted:xyz]"), b: btoa("x[redacted:0123456789ab]"), ä: "ö" },
  });
  assert.equal(withPlainTokens(odd), odd);
  assert.equal(withEncodedTokens(odd, "data"), odd);
});

Deno.test("the door: only Secrets and ConfigMaps of the core group have such fields", () => {
  const call = { op: "request", verb: "get", group: "", resource: "secrets" } as const;
  assert.equal(byteField(call), "data");
  assert.equal(byteField({ ...call, resource: "configmaps" }), "binaryData");
  assert.equal(byteField({ ...call, group: "example.com" }), undefined);
  assert.equal(byteField({ ...call, form: "table" }), undefined);
});
