/** How far scripts come that are written from memory of other clients. */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { share, tryAll } from "./table.ts";

Deno.test(
  needs(["time"], "from memory: 70 % of the scripts run, and 98 % do after one hint"),
  async () => {
    const tried = await tryAll();
    const others = tried.filter(({ row, outcome }) =>
      row.outcome !== outcome && outcome !== "runs"
    );
    assert.deepEqual(others.map(({ row, text }) => `${row.script}\n${text}`), []);
    assert.ok(tried.length >= 150);
    assert.ok(share(tried, "runs") >= 70, `${share(tried, "runs")} % run`);
    assert.ok(share(tried, "runs", "hint") >= 98, `${share(tried, "runs", "hint")} % are mended`);
  },
);
