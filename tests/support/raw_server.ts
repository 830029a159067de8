/** A small HTTP/1.1 server on loopback that counts connections and shows requests byte for byte. */
import type { TestCertificate } from "./certificates.ts";

/** A request as it came over the wire. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** In order, repeated ones repeated; names in lower case, values one character a byte. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Which connection it came on, from 1. */
  readonly connection: number;
}

/** What the server does: an answer's bytes, closing the connection, or nothing. */
export type RawAnswer = string | Uint8Array<ArrayBuffer> | "close" | "silence";

/** A running server. */
export interface RawServer extends AsyncDisposable {
  readonly port: number;
  readonly requests: RawRequest[];
  /** How many connections were accepted. */
  readonly connections: number;
  /** How many of them are open. */
  readonly open: number;
  /** Bytes of answers that the other side's socket has taken. */
  readonly written: number;
  /** Resolves once that many connections are open. */
  untilOpen(count: number): Promise<void>;
}

/** An answer with a JSON body. */
export function jsonAnswer(value: unknown, status = "200 OK", headers = ""): string {
  const body = JSON.stringify(value);
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
    `${headers}\r\n${body}`;
}

/** Starts a server on 127.0.0.1; with a certificate it speaks TLS. */
export function startRawServer(
  answer: (request: RawRequest) => RawAnswer | Promise<RawAnswer>,
  tls?: TestCertificate,
): RawServer {
  const where = { hostname: "127.0.0.1", port: 0 };
  const listener = tls ? Deno.listenTls({ ...where, ...tls }) : Deno.listen(where);
  const requests: RawRequest[] = [];
  const connections = new Set<Deno.Conn>();
  const waiters: (() => void)[] = [];
  let accepted = 0;
  let written = 0;
  let closed = false;
  const changed = () => waiters.splice(0).forEach((wake) => wake());

  async function serve(connection: Deno.Conn, number: number): Promise<void> {
    try {
      const read = reader(connection);
      for (;;) {
        const head = await read.head();
        if (head === undefined) return;
        if (head === "") {
          await connection.write(new TextEncoder().encode("HTTP/1.0 400 Bad Request\r\n\r\n"));
          return;
        }
        const [first = "", ...lines] = head.split("\r\n");
        const [method = "", path = ""] = first.split(" ");
        const headers = lines.map((line) => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
        });
        const length = Number(headers.find(([name]) => name === "content-length")?.[1] ?? 0);
        const body = await read.bytes(length);
        const request = { method, path, headers, body, connection: number };
        requests.push(request);
        const answered = await answer(request);
        if (answered === "close") return;
        if (answered === "silence") continue;
        let rest = typeof answered === "string" ? new TextEncoder().encode(answered) : answered;
        while (rest.length > 0) {
          const count = await connection.write(rest.subarray(0, 64 * 1024));
          written += count;
          rest = rest.subarray(count);
        }
      }
    } catch {
      // The other side went away, or refused the handshake: both are what tests do.
    } finally {
      connections.delete(connection);
      try {
        connection.close();
      } catch {
        // Closed by the end of the test.
      }
      changed();
    }
  }

  const serving: Promise<void>[] = [];
  const accepting = (async () => {
    for (;;) {
      try {
        const connection = await listener.accept();
        connections.add(connection);
        serving.push(serve(connection, ++accepted));
        changed();
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
          return;
        }
      }
    }
  })();

  return {
    port: (listener.addr as Deno.NetAddr).port,
    requests,
    get connections() {
      return accepted;
    },
    get open() {
      return connections.size;
    },
    get written() {
      return written;
    },
    async untilOpen(count) {
      while (connections.size !== count) {
        await new Promise<void>((resolve) => waiters.push(resolve));
      }
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      listener.close();
      for (const connection of connections) connection.close();
      await accepting;
      await Promise.all(serving);
    },
  };
}

function reader(connection: Deno.Conn) {
  let text = "";
  const chunk = new Uint8Array(64 * 1024);
  async function more(): Promise<boolean> {
    const count = await connection.read(chunk);
    if (count === null) return false;
    let added = "";
    for (const byte of chunk.subarray(0, count)) added += String.fromCharCode(byte);
    text += added;
    return true;
  }
  return {
    async head(): Promise<string | undefined> {
      let end: number;
      // A TLS handshake has no end of headers; it is answered as a server without TLS does.
      while ((end = text.indexOf("\r\n\r\n")) < 0) {
        if (text.startsWith("\x16")) return "";
        if (!await more()) return undefined;
      }
      const head = text.slice(0, end);
      text = text.slice(end + 4);
      return head;
    },
    async bytes(count: number): Promise<string> {
      while (text.length < count) if (!await more()) break;
      const body = text.slice(0, count);
      text = text.slice(count);
      return body;
    },
  };
}
