/** The shells that there is a completion for. */

/** Their names; kubectl asks for its plugins itself, whatever the shell is. */
export const SHELLS = ["bash", "zsh", "fish", "powershell", "kubectl"] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];
