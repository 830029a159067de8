/** quantity() and x509(): what scripts read values of the API with. */
import "reflect-metadata";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Broker } from "../../lib/broker/types.ts";
import { quantity } from "../../lib/eval/realm/values/quantity.ts";
import { x509 as readCertificate } from "../../lib/eval/realm/values/x509.ts";
import { testEvaluator } from "../support/evaluator.ts";

/** No script here makes a call. */
const NO_CLUSTER: Broker = {
  namespace: () => Promise.resolve("default"),
  isRead: () => true,
  async *call() {},
};

Deno.test("quantity() reads every form that the API writes", async () => {
  const cases = [
    ["250m", 0.25],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["128974848", 128974848],
    ["129e6", 129e6],
    ["1E3", 1000],
    ["2E", 2e18],
    ["3Ei", 3 * 2 ** 60],
    ["12k", 12_000],
    ["-5M", -5e6],
    ["+.5", 0.5],
    ["100n", 1e-7],
    ["7u", 7e-6],
    ["0", 0],
    ["9m", 0.009],
    ["1100u", 0.0011],
    ["3n", 3e-9],
    ["4.35m", 0.00435],
    ["0.3M", 300_000],
    ["1.1k", 1100],
    ["1.1Ki", 1126.4],
    ["1.m", 0.001],
  ] as const;
  await using evaluator = testEvaluator(NO_CLUSTER);
  const texts = JSON.stringify(cases.map(([text]) => text));
  const inRealm = await evaluator.value(`${texts}.map(quantity)`) as number[];
  for (const values of [cases.map(([text]) => quantity(text)), inRealm]) {
    for (const [at, [text, expected]] of cases.entries()) {
      assert.equal(values[at], expected, text);
    }
  }
  assert.deepEqual(await evaluator.value("[quantity(), quantity(null), quantity(3)]"), [0, 0, 3]);
  for (const bad of ['"1.5 Gi"', '"Gi"', '""', '"1KiB"', '"1ki"', "{}", "[1]", "true", "1n"]) {
    const { name, message } = await evaluator.failure(`quantity(${bad})`);
    assert.equal(name, "InputError", bad);
    assert.match(message, /^Cannot read .* as a quantity/);
  }
});

Deno.test("atob() and x509() say of a value that is hidden that it is", async () => {
  await using evaluator = testEvaluator(NO_CLUSTER);
  for (const read of ["atob", "x509"]) {
    const failure = await evaluator.failure(`${read}("[redacted:66e6888a6dae]")`);
    assert.match(failure.message, /: the value is redacted$/, read);
    assert.match(failure.hint ?? "", /reveal: true/);
  }
});

Deno.test("x509() says what node:crypto says", async () => {
  const certificates = [
    await certificate({
      subject: [{ CN: ["shop.example.com"] }, { O: ["Shops <Inc>"] }, { C: ["NO"] }],
      notAfter: "2031-03-04T05:06:07Z",
      names: ["shop.example.com", "*.example.com"],
    }),
    // RFC 5280: times from 2050 on have four digits for the year.
    await certificate({ subject: [{ CN: ["Ærø Søndergård"] }], notAfter: "2061-12-31T23:59:59Z" }),
    await certificate({ subject: [], notAfter: "2049-12-31T23:59:59Z", names: ["a.b"] }),
  ];
  await using evaluator = testEvaluator(NO_CLUSTER);
  for (const { pem, names, notAfter } of certificates) {
    const expected = new X509Certificate(pem);
    const forms = [pem, btoa(pem), btoa(`${pem}\n${certificates[0]!.pem}`), pemBody(pem)];
    const inRealm = await evaluator.value(`${JSON.stringify(forms)}.map(x509)`) as Read[];
    const direct = JSON.parse(JSON.stringify(forms.map(readCertificate))) as Read[];
    for (const each of [...direct, ...inRealm]) {
      assert.deepEqual(each, direct[0]);
      assert.equal(each.notAfter, notAfter);
      assert.equal(Date.parse(each.notBefore), Date.parse(expected.validFrom));
      assert.deepEqual(each.dnsNames, names);
      const addresses = ADDRESSES.map(([, text]) => text);
      assert.deepEqual(each.ipAddresses, names.length > 0 ? addresses : undefined);
    }
  }
  const subjects = JSON.stringify(certificates.map(({ pem }) => pem));
  assert.deepEqual(await evaluator.value(`${subjects}.map((pem) => x509(pem).subject)`), [
    "C=NO,O=Shops \\<Inc\\>,CN=shop.example.com",
    "CN=Ærø Søndergård",
    "",
  ]);
});

Deno.test("x509()'s times are Dates, written as the API writes times", async () => {
  const notAfter = "2031-01-01T00:00:00Z";
  const { pem } = await certificate({ subject: [{ CN: ["x"] }], notAfter });
  await using evaluator = testEvaluator(NO_CLUSTER);
  // What a script does to built-ins comes to nothing.
  const poison = `Date.parse = Object.defineProperty = undefined;
    try { Date.prototype.toJSON = undefined; } catch {}`;
  for (const first of ["", poison]) {
    const script = `${first}
      const { notBefore, notAfter } = x509(${JSON.stringify(pem)});
      [notAfter < new Date(0), notBefore < notAfter, notAfter > new Date(2030, 0),
        notAfter instanceof Date, notAfter.getTime(), \`\${notAfter}\`, notAfter]`;
    const expected = [false, true, true, true, Date.parse(notAfter), notAfter, notAfter];
    assert.deepEqual(await evaluator.value(script), expected);
  }
});

Deno.test("x509() refuses what is no certificate, whatever it is, and tells nothing of it", async () => {
  const { pem } = await certificate({ subject: [{ CN: ["x"] }], notAfter: "2031-01-01T00:00:00Z" });
  const der = pemBody(pem);
  await using evaluator = testEvaluator(NO_CLUSTER);
  const cut = `const der = atob(${JSON.stringify(der)});
    let good = 0;
    const check = (bytes) => { try { x509(btoa(bytes)); good++ } catch (e) { if (e.name !== "InputError") throw e } };
    for (let at = 0; at < der.length; at++) check(der.slice(0, at));
    const cut = good;
    for (let at = 0; at < der.length; at++) for (const byte of "\\x00\\x7f\\x80\\x84\\xff") {
      check(der.slice(0, at) + byte + der.slice(at + 1));
    }
    cut`;
  assert.equal(await evaluator.value(cut), 0);
  for (
    const bad of ["undefined", "null", "5", "{}", '""', '"hello"', '"LS0t"', "new Uint8Array(9)"]
  ) {
    const { name, message } = await evaluator.failure(`x509(${bad})`);
    assert.equal(name, "InputError", bad);
    assert.equal(message, "Cannot read the certificate: it is neither PEM nor base64 of it");
  }
});

interface Read {
  readonly notBefore: string;
  readonly notAfter: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses?: readonly string[];
}

/** As they are given and as they are told (RFC 5952). */
const ADDRESSES = [
  ["127.0.0.1", "127.0.0.1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["fe80:0:0:1:0:0:0:0", "fe80:0:0:1::"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["0:0:0:0:0:0:0:0", "::"],
] as const;

const pemBody = (pem: string) => pem.replaceAll(/-----.*?-----|\s/g, "");

async function certificate(
  options: { subject: x509.JsonName; notAfter: string; names?: readonly string[] },
) {
  const { subject, notAfter, names = [] } = options;
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "0102",
    name: subject,
    notBefore: new Date("2026-01-02T03:04:05Z"),
    notAfter: new Date(notAfter),
    signingAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      ...(names.length > 0
        ? [
          new x509.SubjectAlternativeNameExtension([
            ...ADDRESSES.map(([value]) => ({ type: "ip" as const, value })),
            ...names.map((value) => ({ type: "dns" as const, value })),
          ], true),
        ]
        : []),
    ],
  });
  return { pem: made.toString("pem"), notAfter, names };
}
