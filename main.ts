import { main } from "./lib/app.ts";

Deno.exit(await main(Deno.args));
