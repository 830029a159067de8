import { main } from "./lib/main.ts";

Deno.exit(await main(Deno.args));
