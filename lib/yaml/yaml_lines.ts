/** Where in a YAML text a value stands: for messages that name a line. */
import { type Event, EVENT_ID, getScalarValue, parseEvents } from "js-yaml";

/** One node of the text with what is below it. */
interface Place {
  readonly offset: number;
  /** By key or index; none below an alias. */
  readonly children: ReadonlyMap<string, Place>;
}

/**
 * Finds lines in the first document of a text that {@linkcode parseYaml} has read.
 *
 * @returns the 1-based line of the value at a path; of the nearest value above it that is in the
 *   text when it is not (a missing field, what an alias or a merge brought in)
 */
export function yamlLines(text: string): (path: readonly PropertyKey[]) => number {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const root = readPlaces(parseEvents(source, {}), source);
  return (path) => {
    let place = root;
    for (const step of path) {
      const next = place.children.get(String(step));
      if (next === undefined) break;
      place = next;
    }
    return source.slice(0, place.offset).split(/\r\n|\n|\r/).length;
  };
}

function readPlaces(events: readonly Event[], source: string): Place {
  let at = 1; // The first event opens the document.
  const read = (): { readonly place: Place; readonly key: string } => {
    const event = events[at++];
    const children = new Map<string, Place>();
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return {
          place: { offset: Math.max(0, event.valueStart), children },
          key: getScalarValue(source, event),
        };
      case EVENT_ID.ALIAS:
        return { place: { offset: event.anchorStart, children }, key: "" };
      case EVENT_ID.MAPPING:
        while (more()) {
          const { place, key } = read();
          // The line of an entry is the line of its key.
          children.set(key, { offset: place.offset, children: read().place.children });
        }
        break;
      case EVENT_ID.SEQUENCE:
        for (let index = 0; more(); index++) children.set(String(index), read().place);
        break;
      default:
        return { place: { offset: 0, children }, key: "" };
    }
    at += 1; // What closes the collection.
    // A block's own offset may be that of the white space before it.
    return {
      place: { offset: children.values().next().value?.offset ?? event.start, children },
      key: "",
    };
  };
  const more = () => at < events.length && events[at]?.type !== EVENT_ID.POP;
  return read().place;
}
