import assert from "node:assert/strict";
import { ConfigError } from "../../lib/errors.ts";
import { chooseProxy, isLoopback } from "../../lib/kube/transport/proxy_choice.ts";

const choose = (server: string, env: Record<string, string>, proxyUrl?: string) =>
  chooseProxy(new URL(server), proxyUrl, (name) => env[name])?.href;

Deno.test("chooseProxy() takes the variable of the server's scheme, in either case", () => {
  const env = { HTTPS_PROXY: "http://a:1", http_proxy: "b:2" };
  assert.equal(choose("https://kube:6443", env), "http://a:1/");
  assert.equal(choose("http://kube:8080", env), "http://b:2/");
  assert.equal(choose("https://kube:6443", {}), undefined);
});

Deno.test("chooseProxy() lets the kubeconfig's proxy-url win over everything", () => {
  const env = { HTTPS_PROXY: "http://a:1", NO_PROXY: "*" };
  assert.equal(choose("https://127.0.0.1:6443", env, "socks5://c:3"), "socks5://c:3");
});

Deno.test("chooseProxy() never uses the environment's proxy for loopback", () => {
  for (const host of ["localhost", "127.9.8.7", "[::1]", "[::ffff:127.0.0.1]"]) {
    assert.equal(choose(`https://${host}:6443`, { HTTPS_PROXY: "http://a:1" }), undefined, host);
  }
  assert.equal(isLoopback("128.0.0.1"), false);
  assert.equal(isLoopback("::2"), false);
});

const BYPASS: readonly (readonly [noProxy: string, server: string, bypassed: boolean])[] = [
  ["*", "https://kube", true],
  ["example.com", "https://example.com", true],
  ["example.com", "https://api.example.com", true],
  ["example.com", "https://notexample.com", false],
  [".example.com", "https://api.example.com", true],
  [".example.com", "https://example.com", false],
  ["*.example.com", "https://api.example.com", true],
  ["a, KUBE.example", "https://kube.example", true],
  ["kube:6443", "https://kube:6443", true],
  ["kube:6443", "https://kube:8443", false],
  ["kube:443", "https://kube", true],
  ["10.0.0.0/8", "https://10.20.30.40:6443", true],
  ["10.0.0.0/8", "https://11.0.0.1", false],
  ["10.1.2.3", "https://10.1.2.3", true],
  ["10.1.2.3:80", "https://10.1.2.3", false],
  ["fd00::/8", "https://[fd12::1]:6443", true],
  ["fd00::/8", "https://[fe80::1]:6443", false],
  ["fd12::1", "https://[fd12:0:0::1]", true],
  ["[fd12::1]:6443", "https://[fd12::1]:6443", true],
  ["10.0.0.0/99,/,:,", "https://10.0.0.1", false],
];

for (const [noProxy, server, bypassed] of BYPASS) {
  const verb = bypassed ? "passes" : "does not pass";
  Deno.test(`chooseProxy() ${verb} the proxy by for ${server} with NO_PROXY=${noProxy}`, () => {
    const env = { HTTPS_PROXY: "http://a:1", NO_PROXY: noProxy };
    assert.equal(choose(server, env), bypassed ? undefined : "http://a:1/");
  });
}

Deno.test("chooseProxy() refuses a variable that is no proxy, without its password", () => {
  for (const value of ["ftp://u:s3cret@p:1", "http://", "u:s3cret@:x:"]) {
    assert.throws(() => choose("https://kube", { HTTPS_PROXY: value }), (error) => {
      assert.ok(error instanceof ConfigError, value);
      assert.match(error.message, /HTTPS_PROXY/);
      assert.ok(!error.message.includes("s3cret"), error.message);
      return true;
    });
  }
});
