/**
 * watch.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes}
 */
import type { KubeObject } from "../../kube/types.ts";
import { onAbort } from "../../std/async.ts";
import type { Call, Outcome, WatchEvent } from "../base/cluster.ts";
import { toServed } from "../base/event_views.ts";
import { expired } from "../base/status.ts";
import type { Change } from "../base/store.ts";
import { selection, wholeNumber } from "./read.ts";

/** Longest time that a watch is kept, in seconds, when the client sets none. */
const WATCH_SECONDS = 1_800;
const BOOKMARK_EVERY_MS = 60_000;

/** The changes of the selected objects as they are made. */
export function watchObjects(call: Call): Outcome {
  const { cluster: { store, signal }, type, query } = call;
  const matches = selection(call);
  const from = wholeNumber(call, "resourceVersion");
  const seconds = wholeNumber(call, "timeoutSeconds") || WATCH_SECONDS;
  const bookmarks = isTrue(query.get("allowWatchBookmarks"));
  const initial = query.get("sendInitialEvents") === "true" || from === 0;
  let stop = () => {};

  const events = new ReadableStream<WatchEvent>({
    start(controller) {
      const bookmark = (annotations?: Record<string, string>) =>
        controller.enqueue({
          type: "BOOKMARK",
          metadata: { resourceVersion: `${store.version()}`, annotations },
        });
      const missed = initial ? [] : store.since(type.storageKey, from);
      if (!missed) {
        const { status } = expired(`too old resource version: ${from} (${store.version()})`);
        controller.enqueue({ type: "ERROR", status });
        controller.close();
        return;
      }
      if (initial) {
        for (const object of objectsNow(call, matches)) {
          controller.enqueue({ type: "ADDED", object });
        }
        if (query.get("sendInitialEvents") === "true" && bookmarks) {
          bookmark({ "k8s.io/initial-events-end": "true" });
        }
      }
      const pass = (change: Change) => {
        const event = change.key === type.storageKey ? eventOf(change, call, matches) : undefined;
        if (event) controller.enqueue(event);
      };
      missed.forEach(pass);
      const unsubscribe = store.subscribe(pass);
      const ticker = bookmarks ? setInterval(() => bookmark(), BOOKMARK_EVERY_MS) : undefined;
      const end = (marked: boolean) => {
        stop();
        try {
          if (marked) bookmark();
          controller.close();
        } catch {
          // Whoever watched has gone at the same moment.
        }
      };
      const timer = setTimeout(() => end(bookmarks), seconds * 1_000);
      let aborting: Disposable | undefined = undefined;
      stop = () => {
        unsubscribe();
        clearTimeout(timer);
        clearInterval(ticker);
        aborting?.[Symbol.dispose]();
      };
      aborting = onAbort(signal, () => end(false));
    },
    cancel: () => stop(),
  });
  return { events };
}

function objectsNow(
  { cluster: { store }, type, namespace }: Call,
  matches: (object: KubeObject) => boolean,
): readonly KubeObject[] {
  return store.list(type.storageKey, namespace).map((item) => toServed(item, type)).filter(matches);
}

/** A change as a watch that selects objects tells it; undefined when it is about none of them. */
function eventOf(
  change: Change,
  call: Call,
  matches: (object: KubeObject) => boolean,
): WatchEvent | undefined {
  const object = toServed(change.object, call.type);
  const before = change.previous && matches(toServed(change.previous, call.type));
  const after = change.type !== "DELETED" && matches(object);
  if (!before && !after) return undefined;
  return { type: !before ? "ADDED" : after ? "MODIFIED" : "DELETED", object };
}

/** Whether a list request is one for a watch. */
export function isWatch(call: Call): boolean {
  return isTrue(call.query.get("watch"));
}

function isTrue(parameter: string | null): boolean {
  return /^(1|true)$/i.test(parameter ?? "");
}
