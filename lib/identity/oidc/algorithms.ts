/** Signatures that count. Data only. */

/** Those with a key pair. By a shared secret, or by nothing, anybody could sign who knows the public key. */
export const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

/** One of them. */
export type Algorithm = (typeof ALGORITHMS)[number];
