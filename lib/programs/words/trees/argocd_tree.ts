/** The verbs and flags of argocd: made by `deno task generate program-trees`; see tree.ts. */
export const ARGOCD_TREE: readonly string[] = ["||"];
