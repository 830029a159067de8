/**
 * Archives whose bytes depend on nothing but their files and one given time: sorted, owned by root,
 * without the names and clocks of the machine that made them. Pure.
 */
import { crc32, deflateRawSync, gzipSync } from "node:zlib";

/** A file to be packed. */
export interface Entry {
  /** Relative, with "/"; at most 100 bytes of ASCII. */
  readonly path: string;
  readonly data: Uint8Array;
  /** Whether it is a program. */
  readonly executable?: boolean;
}

const LEVEL = 9;
const BLOCK = 512;

/**
 * A gzipped tar archive (POSIX ustar, RFC 1952).
 *
 * @throws {Error} a path that is too long for the format
 */
export function tarGz(entries: readonly Entry[], time: Date): Uint8Array {
  const blocks = sorted(entries).flatMap((entry) => [
    tarHeader(entry, time),
    entry.data,
    new Uint8Array((BLOCK - entry.data.length % BLOCK) % BLOCK),
  ]);
  const packed = gzipSync(joined([...blocks, new Uint8Array(2 * BLOCK)]), { level: LEVEL });
  // The byte that says on which system it was packed: 255 is "unknown".
  packed[9] = 255;
  return packed;
}

function tarHeader({ path, data, executable }: Entry, time: Date): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, "0");
  put(0, checkedPath(path));
  put(100, octal(executable ? 0o755 : 0o644, 8));
  put(108, octal(0, 8));
  put(116, octal(0, 8));
  put(124, octal(data.length, 12));
  put(136, octal(Math.floor(time.getTime() / 1000), 12));
  // The checksum counts as blanks while it is computed.
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(265, "root");
  put(297, "root");
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 7)}\0 `);
  return header;
}

/**
 * A zip archive with Unix permissions (PKWARE's APPNOTE 6.3), which MCPB bundles are too.
 *
 * @param time has a precision of two seconds there
 */
export function zip(entries: readonly Entry[], time: Date): Uint8Array {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  const all = sorted(entries);
  for (const entry of all) {
    const packed = deflateRawSync(entry.data, { level: LEVEL });
    const name = new TextEncoder().encode(checkedPath(entry.path));
    const common = zipFields(entry, packed.length, name.length, time);
    const local = joined([bytes(["u4", 0x04034b50]), common, name, packed]);
    const mode = 0o100000 | (entry.executable ? 0o755 : 0o644);
    directory.push(joined([
      // Made on Unix, so that the permissions are read.
      bytes(["u4", 0x02014b50], ["u2", 3 << 8 | 20]),
      common,
      bytes(["u2", 0], ["u2", 0], ["u2", 0], ["u4", mode * 0x10000], ["u4", offset]),
      name,
    ]));
    files.push(local);
    offset += local.length;
  }
  const index = joined(directory);
  const count = all.length;
  const end = bytes(
    ["u4", 0x06054b50],
    ["u2", 0],
    ["u2", 0],
    ["u2", count],
    ["u2", count],
    ["u4", index.length],
    ["u4", offset],
    ["u2", 0],
  );
  return joined([...files, index, end]);
}

/** What the header of a file and its entry in the directory have in common. */
function zipFields({ data }: Entry, packed: number, name: number, time: Date): Uint8Array {
  const date = (Math.max(time.getUTCFullYear(), 1980) - 1980) << 9 |
    (time.getUTCMonth() + 1) << 5 | time.getUTCDate();
  const clock = time.getUTCHours() << 11 | time.getUTCMinutes() << 5 | time.getUTCSeconds() >> 1;
  return bytes(
    ["u2", 20],
    // Names are UTF-8.
    ["u2", 0x800],
    ["u2", 8],
    ["u2", clock],
    ["u2", date],
    ["u4", crc32(data)],
    ["u4", packed],
    ["u4", data.length],
    ["u2", name],
    ["u2", 0],
  );
}

function bytes(...fields: readonly (readonly ["u2" | "u4", number])[]): Uint8Array {
  return joined(fields.map(([size, value]) => {
    const view = new DataView(new ArrayBuffer(size === "u2" ? 2 : 4));
    if (size === "u2") view.setUint16(0, value, true);
    else view.setUint32(0, value, true);
    return new Uint8Array(view.buffer);
  }));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function sorted(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((a, b) => a.path < b.path ? -1 : 1);
}

function checkedPath(path: string): string {
  if (/^[ -~]{1,100}$/.test(path) && !path.startsWith("/")) return path;
  throw new Error(`Cannot pack "${path}": a path has at most 100 characters of ASCII`);
}
