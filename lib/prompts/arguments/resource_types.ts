/** From the word for a resource to the one that the cluster serves. */
import type { NamesIndex } from "../../broker/types.ts";
import { ApiError, ConfigError, InputError } from "../../errors.ts";
import type { GroupVersion } from "../../names/groups.ts";
import { resolve, whyNotFound } from "../../names/resolve.ts";
import { knownResource } from "../../policy/rules/known_resources.ts";
import { shown } from "../../std/shown.ts";
import { askJson } from "../../tools/support/ask.ts";
import type { Lookup } from "../types.ts";
import { unusable } from "./forms.ts";

/** A resource that the cluster serves. */
export interface ResourceType extends GroupVersion {
  /** Plural. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** Subresources; undefined where the cluster could not be asked. */
  readonly subresources?: readonly string[];
}

/** `pods`, `deploy`, `deployments.apps`, `Deployment`, `apps/v1`-like versions behind a slash. */
const WORD = /^[A-Za-z0-9][\w.-]{0,200}(\/v\d\w*)?$/;

/** What the cluster serves. */
export async function served({ broker, signal, context }: Lookup): Promise<NamesIndex> {
  return await askJson(broker, { op: "names", context }, { signal }) as NamesIndex;
}

/**
 * The resource that a word means; where no cluster answers, the one that every cluster has.
 *
 * @throws {InputError} the cluster serves none such; names near it
 */
export async function findType(text: string, lookup: Lookup): Promise<ResourceType> {
  if (!WORD.test(text)) throw unusable(text, "a type of resource, such as deployments");
  let index: NamesIndex;
  try {
    index = await served(lookup);
  } catch (error) {
    const known = knownResource(text);
    if (known && (error instanceof ApiError || error instanceof ConfigError)) {
      return { ...known, version: "v1" };
    }
    throw error;
  }
  const found = resolve(index.versions, { resource: text });
  if (found === undefined) throw notServed(index, text);
  const { group, version, resource: { resource, namespaced, subresources } } = found;
  return { group, version, resource, namespaced, subresources };
}

function notServed({ versions }: NamesIndex, text: string): InputError {
  const { near } = whyNotFound(versions, { resource: text });
  return new InputError(
    `the cluster serves no "${shown(text)}"`,
    near.length > 0 ? { hint: `Did you mean ${near.join(" or ")}?` } : {},
  );
}

/** `deployments.apps`: the name that kubectl takes for this resource and no other. */
export function nameOfType({ group, resource }: ResourceType): string {
  return group === "" ? resource : `${resource}.${group}`;
}

/** A resource as a script names it. */
export function reference({ group, version, resource }: ResourceType) {
  return { group, version, resource };
}
