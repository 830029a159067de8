/** `kubectl code`: the binary as a plugin of kubectl, by the name that krew gives it. */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { baseEnvironment, runProgram, testBinary, testRelease } from "./release.ts";

Deno.test(
  needs(["the binary", "kubectl"], "kubectl code: the program, by that name, with -n and -A"),
  async () => {
    await using release = await testRelease();
    await Deno.symlink(testBinary(), `${release.folder}/kubectl-code`);
    const assets = Deno.env.get("KUBECODE_TEST_ASSETS");
    const path = [release.folder, ...assets ? [assets] : [], baseEnvironment().PATH].join(":");
    const code = (...args: string[]) =>
      runProgram("kubectl", ["code", ...args], { env: { PATH: path } });
    const lists = (...flags: string[]) =>
      code(
        "eval",
        "--demo",
        ...flags,
        "-e",
        "`${namespace}|${k8s.coreV1().pods().list().items.length}`",
      );

    const help = await code("--help");
    assert.match(help.stdout, /^Usage: kubectl code \[command\] \[flags\]\n/, help.stderr);
    assert.match(help.stdout, /\n {2}kubectl code eval -e /);
    assert.match((await code("evla")).stderr, /\(kubectl code --help lists commands and flags\)/);
    const [some, all] = [await lists("-n", "shop"), await lists("-A")];
    const [inShop, inAll] = [some, all].map(({ stdout }) => Number(stdout.split("|")[1]));
    assert.ok(some.stdout.startsWith("shop|") && all.stdout.startsWith("|"), all.stderr);
    assert.ok(inShop && inAll && inShop < inAll, `${inShop} of ${inAll}`);
    assert.equal((await code("eval", "--demo", "-e", "throw 1")).code, 1);
  },
);
