/** The objects of a manifest, with the resource that the cluster serves for each. */
import type { Broker } from "../../broker/types.ts";
import { InputError, KubecodeError, ResolveError } from "../../errors.ts";
import { sleep } from "../../std/async.ts";
import {
  checkAgainstCall,
  definedIn,
  inOrder,
  type Manifest,
  manifestOf,
  readDocuments,
  referenceOf,
} from "../support/manifests.ts";
import {
  findServed,
  readTargetReference,
  refuseGuess,
  type Target,
  type TargetArguments,
} from "../support/target.ts";

/** How long a definition may take until what it defines is served, and how often that is looked at. */
const SERVED_MS = 20_000;
const LOOK_MS = 500;

/**
 * The objects of a manifest in the order in which they can be stored, each checked against what the
 * call says and the cluster serves.
 *
 * @throws {InputError} a manifest that is none, or that the call contradicts
 * @throws {ResolveError} the cluster does not serve a kind, and nothing in the manifest defines it
 */
export async function resolveManifests(
  given: Partial<TargetArguments> & { readonly payload_manifest?: unknown },
  broker: Broker,
  signal: AbortSignal,
): Promise<readonly Manifest[]> {
  const documents = readDocuments(given.payload_manifest);
  const call = readTargetReference(given);
  const known = new Map<string, Promise<Target>>();
  const manifests: Manifest[] = [];
  for (const document of documents) {
    const reference = referenceOf(document, call);
    const { group, version, resource } = reference;
    const key = JSON.stringify([group, version, resource]);
    const looked = known.get(key) ?? findServed(reference, broker, signal);
    known.set(key, looked);
    const defined = definedIn(documents, reference);
    const target = await looked.catch((error) => {
      if (error instanceof ResolveError && defined !== undefined) return defined;
      throw documents.length > 1 ? inFront(`Cannot apply ${document.what}`, error) : error;
    });
    refuseGuess(target);
    manifests.push({
      ...manifestOf(document, target, given),
      ...(target === defined ? { awaited: true } : {}),
    });
  }
  checkAgainstCall(manifests, call, given);
  return inOrder(manifests);
}

/**
 * Resolves once the cluster serves what a definition has just made.
 *
 * @throws {ResolveError} it does not in time
 */
export async function untilServed(
  { target: { group, version, resource: { resource } } }: Manifest,
  broker: Broker,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + SERVED_MS;
  for (;;) {
    try {
      await findServed({ group, version, resource }, broker, signal);
      return;
    } catch (error) {
      if (!(error instanceof ResolveError) || performance.now() > until) throw error;
      await sleep(LOOK_MS, signal);
    }
  }
}

/** An error with words in front of its message; one that is none of the family as it is. */
export function inFront(words: string, error: unknown): unknown {
  if (!(error instanceof KubecodeError)) return error;
  return new InputError(`${words}: ${error.message}`, {
    cause: error,
    ...(error.hint ? { hint: error.hint } : {}),
  });
}
