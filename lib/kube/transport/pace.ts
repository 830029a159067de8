/**
 * How fast a session is read. Deno 2.9 reads a TLS connection on, into memory of its own, while it is
 * paused; what it reads from is held up here instead.
 */
import type net from "node:net";
import { Duplex } from "node:stream";

/** Holds up what a connection reads. */
export interface Pace {
  /** The same connection for TLS to read from; it is the one that is held up from now on. */
  over(connection: net.Socket): Duplex;
  pause(): void;
  resume(): void;
}

/** Makes a pace, for one connection that is about to be opened. */
export function createPace(): Pace {
  let current: net.Socket | undefined;
  let isHeld = false;
  return {
    over(connection) {
      current = connection;
      const stream = new Duplex({
        read() {
          if (!isHeld) connection.resume();
        },
        write(chunk, _encoding, done) {
          // Told by its end: the other side takes nothing more.
          if (connection.writable) connection.write(chunk, () => done());
          else done();
        },
        final(done) {
          connection.end(() => done());
        },
        destroy(error, done) {
          connection.destroy();
          done(error);
        },
      });
      connection.on("data", (chunk) => {
        if (!stream.push(chunk) || isHeld) connection.pause();
      });
      let isAtEnd = false;
      connection.on("end", () => {
        isAtEnd = true;
        stream.push(null);
      });
      connection.on("error", (error) => stream.destroy(error));
      // What came before its end is still to be read.
      connection.on("close", () => isAtEnd || stream.destroy());
      return stream;
    },
    pause() {
      isHeld = true;
      current?.pause();
    },
    resume() {
      isHeld = false;
      current?.resume();
    },
  };
}
