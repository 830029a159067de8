/** JSON within strings, and how deep anything may be nested. Pure. */

/** What is nested deeper is hidden as a whole: nothing that a cluster needs is, and stacks have an end. */
export const DEPTH_LIMIT = 200;

/** Whether a text looks like a JSON object or array. */
export function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text) && /[\]}]\s*$/.test(text);
}

/** Whether JSON may be nested too deep; brackets within its strings count too. */
export function isDeep(json: string): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at) | 32;
    // [ and { differ by that bit, and so do ] and }.
    if (code === 123) {
      if (++depth > DEPTH_LIMIT) return true;
    } else if (code === 125) depth -= 1;
  }
  return false;
}
