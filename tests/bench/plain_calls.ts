/**
 * The reference for small calls: one process that makes the same requests by plain fetch. Prints one
 * line of JSON with milliseconds.
 *
 *     deno run -A tests/bench/plain_calls.ts <url of config maps> <token> <ca> <version> <changes>
 */
const [url = "", token = "", ca = "", version = "", changes = "0"] = Deno.args;
const client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(ca)] });
const options = { headers: { authorization: `Bearer ${token}` }, client };

const get = async (at: number) => await (await fetch(`${url}/change-${at}`, options)).json();
const timed = async (run: () => Promise<unknown>) => {
  const started = performance.now();
  await run();
  return performance.now() - started;
};

await get(0);
const plainRow = await timed(async () => {
  for (let at = 0; at < 100; at++) await get(at);
});
const plainTogether = await timed(() =>
  Promise.all(Array.from({ length: 100 }, (_, at) => get(at)))
);
const plainWatch = await timed(async () => {
  const response = await fetch(`${url}?watch=true&resourceVersion=${version}`, options);
  const lines = response.body!.pipeThrough(new TextDecoderStream());
  let rest = "";
  let seen = 0;
  for await (const chunk of lines) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop()!;
    for (const line of parts) {
      if (JSON.parse(line).object.metadata.name.startsWith("change-")) seen += 1;
    }
    if (seen >= Number(changes)) break;
  }
});
console.log(JSON.stringify({ plainRow, plainTogether, plainWatch }));
client.close();
