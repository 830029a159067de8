/** URLs in messages. Pure. */

/** A URL for a message: without user name and password. */
export function hideUserinfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i, "$1");
}
