/** The section `identity` of the config file: who calls a shared server, and as whom it asks the cluster. */
import { z } from "zod";
import { ALGORITHMS } from "../identity/oidc/algorithms.ts";
import { CLUSTER_IDENTITIES } from "./settings/http.ts";

const text = z.string().min(1).max(4096);
const path = text;
const name = z.string().min(1).max(512);
const names = z.array(name).min(1).max(100);

const url = z.string().max(2048).refine(
  (value) => URL.canParse(value) && /^https?:\/\/[^?#]+$/.test(value),
  "must be a URL such as https://kubecode.example.com/mcp, without ? and #",
);

/** The section. */
export const IDENTITY_SECTION = z.strictObject({
  url: url.optional().describe(
    "the URL by which clients reach `/mcp` (`--public-url`); the URL of the request",
  ),
  tokensFile: path.optional().describe("the file with the hashes of tokens (`--tokens-file`)"),
  clientCaFile: path.optional()
    .describe("authorities (PEM) of client certificates (`--tls-client-ca`)"),
  oidc: z.strictObject({
    issuer: url.optional().describe("the issuer of tokens (`--oidc-issuer-url`)"),
    audiences: names.optional()
      .describe(
        "list of audiences, one of which a token must name (`--oidc-audience`); `identity.url`",
      ),
    jwksUri: url.optional().describe("where its keys are; as its discovery document says"),
    caFile: path.optional().describe(
      "the authority (PEM) of its certificate; the public authorities",
    ),
    algorithms: z.array(z.enum(ALGORITHMS)).min(1).optional()
      .describe("list of algorithms that it may sign with; all that use key pairs"),
    usernameClaim: name.optional().describe("the claim that is the user's name; `sub`"),
    usernamePrefix: name.optional()
      .describe("prefix for it; the issuer and `#` (nothing for `email`), `-` for nothing"),
    groupsClaim: name.optional().describe("the claim with groups; `groups`"),
    groupsPrefix: name.optional().describe("prefix for each group; nothing"),
    requiredClaims: z.record(name, z.string().max(1024)).optional()
      .describe("map of claims and the values that they must have"),
    requiredScopes: z.array(name.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "must be a scope")).max(50)
      .optional().describe("list of scopes that a token must have"),
  }).optional(),
  tokenReview: z.strictObject({
    audiences: names.describe(
      "list of audiences, one of which a token of the cluster must have (`--token-review-audience`)",
    ),
  }).optional(),
  cluster: z.strictObject({
    as: z.enum(CLUSTER_IDENTITIES).optional()
      .describe("`own`, `impersonate` or `token-exchange` (`--cluster-identity`); `own`"),
    userPrefix: name.optional().describe("prefix for the names of impersonated users"),
    groupPrefix: name.optional().describe("prefix for the names of their groups"),
    groups: z.array(name).max(100).optional()
      .describe("list of groups (patterns) that are passed to the cluster; all"),
    systemNames: names.optional().describe(
      "list of users and groups (patterns) that may begin with `system:`; none",
    ),
    exchange: z.strictObject({
      tokenUrl: url.optional()
        .describe("where tokens are exchanged; as the issuer's discovery document says"),
      clientId: name.describe(
        "the client id of this server at the issuer; must be given with `exchange`",
      ),
      clientSecretFile: path.optional().describe("the file with its secret"),
      audience: name.describe(
        "the audience of the tokens: the API server's client id; must be given",
      ),
      scopes: names.optional().describe("list of scopes to ask for"),
    }).optional(),
  }).optional(),
}).optional();
