/** What is kept of lists. Types only. */
import type { KubeClient } from "../../kube/client.ts";
import type { Policy } from "../../policy/types.ts";
import type { ListStore } from "./list_store.ts";
import type { ShownPage } from "./shown_page.ts";

/** How many more times a list is read without being kept, and how many times in all. */
export interface Rest {
  readonly left: number;
  readonly long: number;
}

/** A list as it was shown. */
export interface KeptList {
  readonly bytes: number;
  readonly pages: readonly ShownPage[];
  /** When it was last asked for, nothing had changed. */
  readonly isCalm: boolean;
  /** Without pages: how long it goes on like that. */
  readonly rest: Rest;
  /** The rules under which it was shown, and by whom it was asked for. */
  readonly policy: Policy;
  readonly kube: KubeClient;
}

/** The lists of one caller, in a store that may be shared. */
export interface KeptLists {
  readonly store: ListStore<KeptList>;
  readonly owner: string;
}
