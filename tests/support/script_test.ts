import assert from "node:assert/strict";
import { js } from "./script.ts";

Deno.test("js() takes away the indentation that all lines share", () => {
  const script = js`
    for (const one of many) {

      one;
    }
  `;
  assert.equal(script, "for (const one of many) {\n\n  one;\n}");
});

Deno.test("js() puts in values as they are", () => {
  const lines = "const a = 1;\n  const b = 2;";
  const script = js`
    ${lines}
    a + ${3};
  `;
  assert.equal(script, "const a = 1;\n  const b = 2;\na + 3;");
});

Deno.test("js() keeps escapes for the script, as any template does", () => {
  assert.equal(js`"a\\n"`, '"a\\n"');
});
