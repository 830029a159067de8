/** Warnings of the API server as one call hears them: each once, and not too many. */

/** Different warnings of one call that are told. */
const WARNINGS = 20;

/** Makes the listener of one call. @param tell takes what is to be told */
export function createWarnings(tell: (text: string) => void): (text: string) => void {
  const heard = new Set<string>();
  return (text) => {
    if (heard.has(text) || heard.size > WARNINGS) return;
    heard.add(text);
    tell(
      heard.size > WARNINGS
        ? "the API server warns of more, which is left out"
        : `the API server warns: ${text}`,
    );
  };
}
