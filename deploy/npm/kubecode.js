#!/usr/bin/env node
/**
 * Starts the binary of this system, which npm has installed as an optional dependency of this package:
 * same streams, same signals, same exit code. KUBECODE_BINARY names another binary.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { resolve } from "node:path";
import process from "node:process";

const { version, optionalDependencies, homepage } = JSON.parse(
  readFileSync(new URL("./package.json", import.meta.url), "utf8"),
);
const system = `${process.platform}-${process.arch}`;
const own = `@kubecode/${system}`;

/** What a shell says of a program that it cannot run, and of one that it cannot find. */
const CANNOT_RUN = 126;
const NOT_FOUND = 127;

/** Says what is wrong and what to do, and ends. */
function fail(code, problem, ...ways) {
  console.error([`kubecode: ${problem}`, ...ways.map((way) => `  - ${way}`)].join("\n"));
  process.exit(code);
}

/** Whether this system has musl in place of glibc, as Alpine Linux has. */
function hasMusl() {
  if (process.platform !== "linux") return false;
  try {
    return process.report.getReport().header.glibcVersionRuntime === undefined;
  } catch {
    return false;
  }
}

function failForMusl() {
  fail(
    CANNOT_RUN,
    "this system has musl, and the binary needs glibc 2.27 or later",
    "use an image with glibc, such as node:22-slim in place of node:22-alpine",
    "or the container image: docker run ghcr.io/kubecode/kubecode",
    "or name a binary of your own in KUBECODE_BINARY",
  );
}

function findBinary() {
  const given = process.env.KUBECODE_BINARY;
  if (given) {
    // A path, never a name that PATH is searched for.
    if (existsSync(given)) return resolve(given);
    fail(NOT_FOUND, `KUBECODE_BINARY names "${given}", which does not exist`);
  }
  if (!Object.hasOwn(optionalDependencies, own)) {
    fail(
      CANNOT_RUN,
      `there is no binary for ${system}; there are those for ${
        Object.keys(optionalDependencies).map((name) => name.split("/")[1]).join(", ")
      }`,
      `run it from source, which Deno can on more systems: ${homepage}`,
      "or name a binary of your own in KUBECODE_BINARY",
    );
  }
  const name = process.platform === "win32" ? "kubecode.exe" : "kubecode";
  try {
    return createRequire(import.meta.url).resolve(`${own}/bin/${name}`);
  } catch {
    if (hasMusl()) failForMusl();
    fail(
      NOT_FOUND,
      `the package ${own} is not installed, which holds the binary`,
      "it is an optional dependency: install without --omit=optional or --no-optional " +
        "(npm config get omit)",
      `node_modules that come from another system lack it: npm install kubecode@${version}`,
      "or name a binary of your own in KUBECODE_BINARY",
    );
  }
}

const binary = findBinary();
// Where it names this launcher, that one finds the binary: it must not start itself for ever.
const { KUBECODE_BINARY: _, ...given } = process.env;
// glibc then gives back what large lists took.
const env = { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "262144", ...given };
const child = spawn(binary, process.argv.slice(2), { env, stdio: "inherit", windowsHide: true });

child.on("error", (error) => {
  if (error.code === "ENOENT" && hasMusl()) failForMusl();
  fail(CANNOT_RUN, `cannot start "${binary}": ${error.message}`);
});

// Ctrl-C at a terminal reaches the binary by itself, and it decides what that means; any other signal
// is meant for it as well. On Windows there is none that could be passed on.
const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
for (const signal of process.platform === "win32" ? ["SIGINT", "SIGBREAK"] : signals) {
  process.on(signal, () => {
    const reached = process.platform === "win32" ||
      (process.stdin.isTTY && (signal === "SIGINT" || signal === "SIGQUIT"));
    if (!reached) child.kill(signal);
  });
}

child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  // Ended in the same way, so that who waits for this process sees the signal.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
});
