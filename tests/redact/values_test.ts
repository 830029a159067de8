import assert from "node:assert/strict";
import { nameStrength } from "../../lib/redact/detect/names.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { redactText } from "../../lib/redact/detect/text.ts";
import { isRandom, isReference } from "../../lib/redact/detect/values.ts";

Deno.test("nameStrength() goes by the last word of a name", () => {
  for (
    const name of ["DB_PASSWORD", "dbPassword", "PGPASSWORD", "password1", "admin-pwd", "DB_PASS"]
  ) {
    assert.equal(nameStrength(name), "password", name);
  }
  for (
    const name of [
      "API_TOKEN",
      "apiKey",
      "clientSecret",
      "AWS_SECRET_ACCESS_KEY",
      "x-api-key",
      "Authorization",
      "client_secret",
      "mycorp.io/api-token",
      "accessToken",
    ]
  ) assert.equal(nameStrength(name), "credential", name);
  for (
    const name of [
      "TOKEN_TTL",
      "SECRET_NAME",
      "secretName",
      "PASSWORD_FILE",
      "publicKey",
      "topologyKey",
      "key",
      "compass",
      "nextToken",
      "passthrough",
      "keyboard",
      "author",
      "imagePullSecrets",
      "",
    ]
  ) assert.equal(nameStrength(name), "none", name);
});

Deno.test("isRandom() knows random text from names, digests and paths", () => {
  assert.ok(isRandom("q7XbZ2mPw9LrT4vKs8YdN3cF"));
  for (
    const text of [
      "0a".repeat(32),
      "getHTTPResponseCodeFromServer200",
      "checkout-rhvpbx7s92-kht8f",
      "usr/local/lib/python3/site-packages",
      "V1PodTemplateSpecList2",
    ]
  ) assert.ok(!isRandom(text), text);
});

Deno.test("isReference() knows names made of words", () => {
  for (const name of ["shop/db-credentials", "my-app-tls", "token-x2x4z"]) {
    assert.ok(isReference(name), name);
  }
  for (const value of ["hunter", "s3cr3t-v4lu3", "q7XbZ2mPw9", ""]) {
    assert.ok(!isReference(value), value);
  }
});

Deno.test("redactText() takes time in proportion to the text", () => {
  // Each of these made some regular expression run for minutes when it was first written.
  for (
    const text of [
      "token ".repeat(50_000),
      "password=".repeat(30_000),
      "a".repeat(300_000),
      '"'.repeat(100_000),
      "://a:".repeat(50_000),
      "-----BEGIN PRIVATE KEY-----".repeat(5_000),
      "{".repeat(100_000),
      "\\".repeat(100_000),
      "name: x\n".repeat(30_000) + "value",
      "-p ".repeat(30_000) + "mysql",
      "eyJ".repeat(80_000),
    ]
  ) redactText(text, () => "");
});

Deno.test("what is long and strange takes time that grows with its length", () => {
  const redactor = createRedactor();
  const gap = " ".repeat(200_000);
  for (
    const text of [
      `password="<a${gap}!"`,
      `password: a${gap}x`,
      `kind: Secret\nstringData:\n  a: x${gap}x`,
      `kind: Secret\nstringData:\n  ${gap}x`,
      `token: ${
        btoa(
          `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----${"\n".repeat(200_000)}junk`,
        )
      }`,
      `password=${"${".repeat(100_000)}`,
    ]
  ) {
    // Quadratic, each would take minutes.
    assert.equal(typeof redactor.text(text), "string");
    const body = new TextEncoder().encode(JSON.stringify({ data: { text }, password: text }));
    assert.ok(redactor.json(body, { secrets: false }).length > 0);
  }
});
