/** What one call hears beside its answers: each word once, and not too many. */

/** Different words of one call that are told. */
const MOST = 20;

/** Makes the listener to warnings of the API server. @param tell takes what is to be told */
export function createWarnings(tell: (text: string) => void): (text: string) => void {
  return eachOnce(
    (text) => tell(`the API server warns: ${text}`),
    () => tell("the API server warns of more, which is left out"),
  );
}

/** Makes the listener to notes on answers. @param tell takes what is to be told */
export function createNotes(tell: (text: string) => void): (text: string) => void {
  return eachOnce(tell, () => tell("More was to be said, which is left out."));
}

function eachOnce(tell: (text: string) => void, tellOfMore: () => void): (text: string) => void {
  const heard = new Set<string>();
  return (text) => {
    if (heard.has(text) || heard.size > MOST) return;
    heard.add(text);
    if (heard.size > MOST) tellOfMore();
    else tell(text);
  };
}
