/** The verbs and flags of istioctl: made by `deno task generate program-trees`; see tree.ts. */
export const ISTIOCTL_TREE: readonly string[] = ["||"];
