/** A proxy on loopback for tests: HTTP CONNECT and SOCKS5 on one port, told apart by first byte. */

/** A running proxy. */
export interface TestProxy extends AsyncDisposable {
  readonly port: number;
  /** Where tunnels were asked to, `host:port`, in order. */
  readonly targets: string[];
}

/** Starts a proxy on 127.0.0.1; with a login it asks for it. */
export function startProxy(login?: { user: string; password: string }): TestProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const targets: string[] = [];
  const open = new Set<Deno.Conn>();
  const serving: Promise<void>[] = [];

  async function tunnel(client: Deno.Conn, target: string, ready: Uint8Array): Promise<void> {
    targets.push(target);
    const colon = target.lastIndexOf(":");
    const server = await Deno.connect({
      hostname: target.slice(0, colon),
      port: Number(target.slice(colon + 1)),
    });
    open.add(server);
    await client.write(ready);
    const options = { preventClose: true, preventAbort: true, preventCancel: true };
    await Promise.race([
      client.readable.pipeTo(server.writable, options).catch(() => {}),
      server.readable.pipeTo(client.writable, options).catch(() => {}),
    ]);
    server.close();
    open.delete(server);
  }

  async function serve(client: Deno.Conn): Promise<void> {
    const text = (value: string) => new TextEncoder().encode(value);
    const buffer = new Uint8Array(4096);
    const read = async () => buffer.slice(0, await client.read(buffer) ?? 0);
    const first = await read();
    if (first[0] !== 5) {
      const head = new TextDecoder().decode(first);
      const expected = login && `Basic ${btoa(`${login.user}:${login.password}`)}`;
      if (expected && !head.includes(`Proxy-Authorization: ${expected}\r\n`)) {
        await client.write(text("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
        return;
      }
      const target = /^CONNECT (\S+) /.exec(head)?.[1];
      if (target) await tunnel(client, target, text("HTTP/1.1 200 OK\r\n\r\n"));
      return;
    }
    await client.write(new Uint8Array([5, login ? 2 : 0]));
    if (login) {
      const given = await read();
      const user = new TextDecoder().decode(given.slice(2, 2 + given[1]!));
      const password = new TextDecoder().decode(given.slice(3 + given[1]!));
      const right = user === login.user && password === login.password;
      await client.write(new Uint8Array([1, right ? 0 : 1]));
      if (!right) return;
    }
    const asked = await read();
    const host = asked[3] === 1
      ? asked.slice(4, 8).join(".")
      : new TextDecoder().decode(asked.slice(5, 5 + asked[4]!));
    const port = asked.at(-2)! * 256 + asked.at(-1)!;
    await tunnel(client, `${host}:${port}`, new Uint8Array([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  }

  const accepting = (async () => {
    for await (const client of listener) {
      open.add(client);
      serving.push(
        serve(client).catch(() => {}).finally(() => {
          try {
            client.close();
          } catch {
            // Closed by the end of the test.
          }
          open.delete(client);
        }),
      );
    }
  })();

  return {
    port: (listener.addr as Deno.NetAddr).port,
    targets,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // Closed by the other side already.
        }
      }
      await accepting;
      await Promise.all(serving);
    },
  };
}
