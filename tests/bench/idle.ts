/** A program that does nothing but say so and wait: what the runtime itself costs. */
await Deno.stdout.write(new TextEncoder().encode("up\n"));
await Deno.stdin.read(new Uint8Array(1));
