/** Who calls a shared server, and as whom the cluster is asked for them: put together from the settings. */
import { createClusters } from "../clusters.ts";
import { type Followed, followFile } from "../config/file_watch.ts";
import { ConfigError, describeError } from "../errors.ts";
import { readTextFile } from "../text_file.ts";
import { type Acting, objectionTo } from "../identity/cluster/acting.ts";
import { createIdentity } from "../identity/identity.ts";
import type { MetadataParts } from "../identity/metadata.ts";
import type { Identity, TokenAuthenticator } from "../identity/types.ts";
import type { ApiResource } from "../kube/types.ts";
import type { Shared } from "../shared.ts";

/** What the settings ask for. */
export interface Identities {
  /** Left out, nobody is asked who they are. */
  readonly identity?: Identity;
  /** Left out, all that is asked of the cluster the server asks as itself. */
  readonly acting?: Acting;
}

type Closer = () => void | Promise<void>;

/**
 * Makes what the settings ask for. The issuer and the cluster are asked once a token comes.
 *
 * @throws {ConfigError} settings that do not go together, a file that cannot be used
 */
export async function openIdentities(shared: Shared): Promise<Identities> {
  const { settings, config, logger } = shared;
  const { tokensFile, oidcIssuer, tokenReviewAudiences, clientCa, tlsCert } = settings;
  if (clientCa !== undefined && tlsCert === undefined) {
    throw new ConfigError(
      "Cannot use --tls-client-ca without --tls-cert: only TLS has certificates",
    );
  }
  const closers: Closer[] = [];
  const tokens: TokenAuthenticator[] = [];
  if (tokensFile !== undefined) tokens.push(await fileTokens(tokensFile, shared, closers));
  const issuer = oidcIssuer === undefined ? undefined : await openIssuer(oidcIssuer, shared);
  if (issuer) {
    tokens.push(issuer.tokens);
    closers.push(issuer.close);
  }
  if (tokenReviewAudiences !== undefined) {
    tokens.push(await reviewedTokens(tokenReviewAudiences, shared, closers));
  }
  const isKnown = tokens.length > 0 || clientCa !== undefined;
  const acting = actingOf(shared, issuer?.acting, isKnown);
  if (!isKnown) return {};
  const metadata: MetadataParts | undefined = oidcIssuer === undefined ? undefined : {
    publicUrl: settings.publicUrl,
    path: settings.transport === "sse" ? "/sse" : "/mcp",
    issuer: oidcIssuer,
    scopes: config.identity?.oidc?.requiredScopes,
  };
  const identity = createIdentity({
    tokens,
    certificates: clientCa !== undefined,
    metadata,
    ...(acting ? { objection: (caller) => objectionTo(caller, acting) } : {}),
    logger,
    close: async () => {
      await Promise.all(closers.map((close) => close()));
    },
  });
  return { identity, ...(acting ? { acting } : {}) };
}

function actingOf(
  { settings, config }: Shared,
  exchanging: Acting | undefined,
  isKnown: boolean,
): Acting | undefined {
  const { clusterIdentity = "own" } = settings;
  if (clusterIdentity === "own") return undefined;
  if (!isKnown) {
    throw new ConfigError(
      `Cannot use --cluster-identity ${clusterIdentity}: callers do not prove who they are`,
      {
        hint:
          "Let them in by --tokens-file, --oidc-issuer-url, --token-review-audience or --tls-client-ca.",
      },
    );
  }
  const shared = Object.entries(config.programs ?? {}).find(([, program]) =>
    (program?.allow.length ?? 0) > 0 || (program !== undefined && "server" in program)
  )?.[0];
  if (shared !== undefined) {
    throw new ConfigError(
      `Cannot use --cluster-identity ${clusterIdentity} with programs.${shared}: what it is allowed past the policy it would do as the server itself, for every caller`,
      { hint: `Remove allow and server from programs.${shared}.` },
    );
  }
  if (clusterIdentity === "impersonate") {
    return { as: "impersonate", names: config.identity?.cluster ?? {} };
  }
  if (exchanging) return exchanging;
  throw new ConfigError(
    "Cannot use --cluster-identity token-exchange: it needs --oidc-issuer-url, and identity.cluster.exchange in the config file",
  );
}

/** Tokens of a file, which is read again when it changes. */
async function fileTokens(
  path: string,
  { logger }: Shared,
  closers: Closer[],
): Promise<TokenAuthenticator> {
  const [{ createStaticTokens }, { readTokenLines }] = await Promise.all([
    import("../identity/tokens/static_tokens.ts"),
    import("../identity/tokens/token_file.ts"),
  ]);
  const read = async () => readTokenLines(await readTextFile("tokens file", path), path);
  let lines = await read();
  const followed: Followed = followFile(
    path,
    async () => {
      lines = await read();
    },
    logger,
    undefined,
    "tokens file",
  );
  closers.push(followed.close);
  return createStaticTokens(() => lines);
}

/** Tokens of an issuer, and their exchange. */
async function openIssuer(issuer: string, { settings, config }: Shared): Promise<{
  readonly tokens: TokenAuthenticator;
  readonly acting?: Acting;
  readonly close: Closer;
}> {
  const [{ createJwtAuthenticator }, { createIssuerClient }, { createDiscovery }, { isSafeUrl }] =
    await Promise.all([
      import("../identity/oidc/jwt.ts"),
      import("../identity/oidc/documents.ts"),
      import("../identity/oidc/discovery.ts"),
      import("../identity/oidc/safe_url.ts"),
    ]);
  const { oidc = {}, cluster } = config.identity ?? {};
  const { jwksUri, caFile } = oidc;
  const tokenUrl = cluster?.exchange?.tokenUrl;
  for (const [name, url] of Object.entries({ "--oidc-issuer-url": issuer, jwksUri, tokenUrl })) {
    if (url !== undefined && !isSafeUrl(url)) {
      throw new ConfigError(`Cannot use ${name} "${url}": it must be https`);
    }
  }
  const audiences = settings.oidcAudiences ??
    (settings.publicUrl === undefined ? undefined : [settings.publicUrl]);
  if (audiences === undefined) {
    throw new ConfigError(
      "Cannot take tokens of any audience: give --oidc-audience or --public-url",
      {
        hint: "A token that was made for another server must not be good for this one.",
      },
    );
  }
  const ca = caFile === undefined ? undefined : await readTextFile("issuer's authority", caFile);
  const client = createIssuerClient({ ca });
  const discover = createDiscovery(issuer, client);
  const isExchanging = settings.clusterIdentity === "token-exchange";
  const tokens = createJwtAuthenticator({
    settings: { ...oidc, issuer, audiences },
    client,
    discover: jwksUri === undefined ? discover : () => Promise.resolve({ jwksUri }),
    keepToken: isExchanging,
  });
  const { exchange } = cluster ?? {};
  if (!isExchanging || exchange === undefined) return { tokens, close: client.close };
  const { exchangeToken } = await import("../identity/oidc/token_exchange.ts");
  const { clientSecretFile, ...about } = exchange;
  return {
    tokens,
    close: client.close,
    acting: {
      as: "token-exchange",
      async exchange({ token }, signal) {
        const endpoint = tokenUrl ??
          (await discover().catch(() => undefined))?.tokenEndpoint;
        if (token === undefined || endpoint === undefined) {
          throw new ConfigError("Cannot exchange a token: the issuer does not say where");
        }
        // Read each time: secrets are renewed.
        const clientSecret = clientSecretFile === undefined
          ? undefined
          : (await readTextFile("client secret", clientSecretFile)).trim();
        return await exchangeToken(token, endpoint, { ...about, clientSecret }, client, signal);
      },
    },
  };
}

const TOKEN_REVIEWS: ApiResource = {
  group: "authentication.k8s.io",
  version: "v1",
  resource: "tokenreviews",
  kind: "TokenReview",
  singular: "tokenreview",
  shortNames: [],
  namespaced: false,
  verbs: ["create"],
  subresources: [],
};

/** How long the cluster may take to know a token. */
const REVIEW_TIMEOUT_MS = 10_000;

/** Tokens of the cluster, which the server asks about as itself. */
async function reviewedTokens(
  audiences: readonly string[],
  { settings, logger }: Shared,
  closers: Closer[],
): Promise<TokenAuthenticator> {
  const { createTokenReviews } = await import("../identity/token_review.ts");
  const clusters = createClusters(settings, logger);
  closers.push(clusters.close);
  return createTokenReviews({
    audiences,
    async review(token, audiences) {
      const { group, version, kind } = TOKEN_REVIEWS;
      const asked = { apiVersion: `${group}/${version}`, kind, spec: { token, audiences } };
      const client = await clusters.connect();
      const answer = await client.send({
        verb: "create",
        resource: TOKEN_REVIEWS,
        body: new TextEncoder().encode(JSON.stringify(asked)),
        contentType: "application/json",
      }, AbortSignal.timeout(REVIEW_TIMEOUT_MS));
      return JSON.parse(new TextDecoder().decode(answer)).status;
    },
    failed: (error) => logger.warn("token review failed", { error: describeError(error) }),
  });
}
