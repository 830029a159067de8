/** What is answered over HTTP: routes, and what they are told. Types only. */
import type { Caller } from "../identity/caller.ts";

/** The other end of a connection, as the connection itself shows it; no header counts. */
export interface Peer {
  /** Its address; "" on a Unix socket. */
  readonly address: string;
  /** The client's certificate (DER), where it was checked against the authorities given. */
  readonly certificate?: Uint8Array;
}

/** What one request holds of the room for bodies. */
export interface Held {
  /** @throws {HttpError} 503: there is no room for as many bytes of its body */
  grow(bytes: number): void;
  release(): void;
}

/** What is known of a request besides itself. */
export interface RequestInfo {
  readonly url: URL;
  readonly peer: Peer;
  /** Whoever started the process where the route is open. */
  readonly caller: Caller;
  /** Where the bytes of its body are counted. */
  readonly held?: Held | undefined;
}

/** One path, and what answers it. */
export interface Route {
  /** The whole path. */
  readonly path: string;
  readonly methods: readonly string[];
  /** It says nothing that needs an identity; nobody is asked for one. */
  readonly open?: boolean;
  /** It is about the process itself: answered also while the server ends. */
  readonly aboutProcess?: boolean;
  /**
   * The request's signal aborts when its client is gone before it has the whole answer.
   *
   * @throws {HttpError} becomes the answer
   */
  answer(request: Request, info: RequestInfo): Promise<Response> | Response;
}

/** Hears of every request to a route, before its body is read. */
export interface Watcher {
  /** May refuse it; otherwise it is told when the answer is sent or its client gone. */
  begin(request: Request, about: { readonly route: Route; readonly caller: Caller }):
    | { readonly refused: Response }
    | { end(status: number): void };
}

/**
 * Lets a call of a tool in.
 *
 * @returns what says, once, that it is answered
 * @throws {HttpError} 503: there is no room
 */
export type Admit = (caller: Caller) => () => void;

/** Answers one request of a connection; never rejects. */
export type Handle = (request: Request, peer: Peer) => Promise<Response>;
