/** Readiness: what it goes by, and how often the cluster is asked for it. */
import assert from "node:assert/strict";
import { healthRoutes } from "../../lib/operation/health.ts";
import { LOCAL_CALLER } from "../../lib/identity/caller.ts";
import { LOGGER } from "../support/clusters.ts";

function probes() {
  const state = {
    now: 100_000,
    draining: false,
    lastAnswer: undefined as number | undefined,
    asked: 0,
    fails: false,
  };
  const routes = healthRoutes({
    isDraining: () => state.draining,
    lastAnswer: () => state.lastAnswer,
    ask() {
      state.asked += 1;
      return state.fails ? Promise.reject(new Error("secret.example: refused")) : Promise.resolve();
    },
    logger: LOGGER,
    now: () => state.now,
  });
  const get = async (path: string) => {
    const url = new URL(path, "http://127.0.0.1");
    const route = routes.find((route) => route.path === path)!;
    const response = await route.answer(new Request(url), {
      url,
      peer: { address: "" },
      caller: LOCAL_CALLER,
    });
    return { status: response.status, text: await response.text() };
  };
  return { state, get };
}

Deno.test("/readyz asks nothing where the cluster has answered lately", async () => {
  const { state, get } = probes();
  state.lastAnswer = state.now - 10_000;
  assert.equal((await get("/readyz")).status, 200);
  assert.equal(state.asked, 0);
  state.now += 30_000;
  assert.equal((await get("/readyz")).status, 200);
  assert.equal(state.asked, 1);
});

Deno.test("/readyz says that the cluster cannot be reached, not where it is, and asks once a second", async () => {
  const { state, get } = probes();
  state.fails = true;
  const { status, text } = await get("/readyz");
  assert.equal(status, 503);
  assert.doesNotMatch(text, /secret/);
  await Promise.all([get("/readyz"), get("/readyz")]);
  assert.equal(state.asked, 1);
  state.fails = false;
  state.now += 1_000;
  assert.equal((await get("/readyz")).status, 200);
  assert.equal(state.asked, 2);
});

Deno.test("while it drains, a server lives and is not ready", async () => {
  const { state, get } = probes();
  state.draining = true;
  assert.equal((await get("/readyz")).status, 503);
  assert.equal((await get("/healthz")).status, 200);
});
