/**
 * The objects, their history, and who watches it. Objects are never changed in place: a change puts
 * a new value, with a new resource version. A list as of an earlier version is had by undoing the
 * history, as long as it reaches back.
 */
import type { KubeObject } from "../../kube/types.ts";
import { expired, StatusError } from "./status.ts";

/** One entry of the history. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly key: string;
  /** Resource version that the change made. */
  readonly version: number;
  readonly object: KubeObject;
  readonly previous?: KubeObject;
}

/** The state of the demo cluster. */
export interface Store {
  /** Resource version of the last change. */
  version(): number;
  /** The object now; undefined when there is none. */
  get(key: string, namespace: string | undefined, name: string): KubeObject | undefined;
  /** Objects now, in the order of namespace and name; of all namespaces when none is given. */
  list(key: string, namespace?: string): KubeObject[];
  /**
   * Objects as of an earlier resource version.
   * @throws {StatusError} 410 when the history does not reach back, 504 for one yet to come
   */
  listAt(key: string, namespace: string | undefined, version: number): KubeObject[];
  /** Adds or replaces; gives the object with its new resource version. */
  put(key: string, object: KubeObject): KubeObject;
  /** Removes, if it is there. */
  remove(key: string, object: KubeObject): KubeObject;
  /** Changes after a version; undefined when the history does not reach back. */
  since(key: string, version: number): Change[] | undefined;
  /** Calls back with each change from now on; gives the way to stop that. */
  subscribe(listener: (change: Change) => void): () => void;
  /** Forgets the history so far: earlier versions are expired. */
  compact(): void;
}

/** Changes that are kept. */
const HISTORY_LIMIT = 5_000;

/** `namespace/name`, or the name of what is in no namespace: what lists are ordered by. */
export function storageName(object: KubeObject): string {
  const { namespace, name = "" } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : name;
}

/** An empty store. */
export function createStore(firstVersion = 1_000): Store {
  const kinds = new Map<string, Map<string, KubeObject>>();
  /** The lists of whole kinds, in order, until one of theirs changes. */
  const lists = new Map<string, KubeObject[]>();
  const listeners = new Set<(change: Change) => void>();
  let history: Change[] = [];
  let version = firstVersion;
  let oldest = firstVersion;

  const ofKind = (key: string) => {
    const found = kinds.get(key) ?? new Map<string, KubeObject>();
    kinds.set(key, found);
    return found;
  };
  const record = (change: Change) => {
    lists.delete(change.key);
    history.push(change);
    if (history.length > HISTORY_LIMIT) {
      const dropped = history.splice(0, history.length - HISTORY_LIMIT / 2);
      oldest = dropped.at(-1)?.version ?? oldest;
    }
    for (const listener of [...listeners]) listener(change);
  };
  const stamped = (object: KubeObject): KubeObject => {
    version++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: `${version}` } };
  };

  return {
    version: () => version,
    get: (key, namespace, name) => ofKind(key).get(namespace ? `${namespace}/${name}` : name),
    list(key, namespace) {
      const all = lists.get(key) ?? inOrder(ofKind(key));
      lists.set(key, all);
      return within(all, namespace);
    },
    listAt(key, namespace, at) {
      if (at > version) throw tooLarge(at, version);
      if (at < oldest) throw expired("The resourceVersion for the provided list is too old.");
      return within(inOrder(objectsAt(ofKind(key), history, key, at)), namespace);
    },
    put(key, object) {
      const objects = ofKind(key);
      const previous = objects.get(storageName(object));
      const stored = stamped(object);
      objects.set(storageName(stored), stored);
      record({ type: previous ? "MODIFIED" : "ADDED", key, version, object: stored, previous });
      return stored;
    },
    remove(key, object) {
      const previous = ofKind(key).get(storageName(object));
      if (!previous) return object;
      const stored = stamped(object);
      ofKind(key).delete(storageName(object));
      record({ type: "DELETED", key, version, object: stored, previous });
      return stored;
    },
    since(key, from) {
      if (from < oldest) return undefined;
      return history.filter((change) => change.key === key && change.version > from);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    compact() {
      history = [];
      oldest = version;
    },
  };
}

function inOrder(objects: ReadonlyMap<string, KubeObject>): KubeObject[] {
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

function within(objects: readonly KubeObject[], namespace?: string): KubeObject[] {
  return namespace
    ? objects.filter(({ metadata }) => metadata?.namespace === namespace)
    : [...objects];
}

/** The objects of a kind as of an earlier version: the changes since then are undone. */
function objectsAt(
  now: ReadonlyMap<string, KubeObject>,
  history: readonly Change[],
  key: string,
  version: number,
): ReadonlyMap<string, KubeObject> {
  const then = new Map(now);
  for (const change of history.toReversed()) {
    if (change.version <= version) break;
    if (change.key !== key) continue;
    if (change.previous) then.set(storageName(change.object), change.previous);
    else then.delete(storageName(change.object));
  }
  return then;
}

function tooLarge(version: number, current: number): StatusError {
  return new StatusError(
    504,
    "Timeout",
    `Timeout: Too large resource version: ${version}, current: ${current}`,
    {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  );
}
