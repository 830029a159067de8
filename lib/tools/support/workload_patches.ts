/** The changes that `k8s_patch` makes, each as one patch. Pure. */
import { CHANGE_CAUSE, RESTARTED_AT } from "../../names/well_known.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import { InputError } from "../../errors.ts";
import type { Target } from "./target.ts";

/** What a caller asks for. */
export interface PatchArguments {
  readonly operation: string;
  readonly replicas?: number;
  readonly container?: string;
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly reason?: string;
}

/** A patch, ready to be sent. */
export interface Patch {
  readonly subresource?: "scale";
  readonly contentType: typeof PATCH_TYPES.merge | typeof PATCH_TYPES.json;
  readonly body: unknown;
}

/** The operations, with the parameters that each takes beside the object's own. */
export const OPERATIONS: Readonly<Record<string, readonly (keyof PatchArguments)[]>> = {
  scale: ["replicas"],
  update_image: ["container", "image", "reason"],
  rollout_restart: ["reason"],
  labels: ["labels"],
  annotations: ["annotations"],
};

/** Resources that a controller rolls out anew when their template changes. */
const ROLLED_OUT = /^apps\/(deployments|statefulsets|daemonsets)$/;

/**
 * The patch of an operation that needs no look at the object.
 *
 * @throws {InputError} a parameter that is missing or out of bounds, a resource that cannot do this
 */
export function patchOf(
  given: PatchArguments,
  { group, resource }: Target,
  options: { readonly maxReplicas: number; readonly now: Date },
): Patch {
  const merge = (body: unknown): Patch => ({ contentType: PATCH_TYPES.merge, body });
  switch (given.operation) {
    case "scale": {
      const { replicas } = given;
      if (!resource.subresources.includes("scale")) {
        throw new InputError(`Cannot scale ${resource.resource}: they have no replicas to set`);
      }
      if (replicas === undefined) throw missing("replicas");
      if (replicas > options.maxReplicas) {
        throw new InputError(
          `Cannot scale to ${replicas} replicas: at most ${options.maxReplicas} are allowed`,
          { hint: "The person who runs kubecode sets the bound with --max-replicas." },
        );
      }
      return { ...merge({ spec: { replicas } }), subresource: "scale" };
    }
    case "rollout_restart": {
      if (!ROLLED_OUT.test(`${group}/${resource.resource}`)) {
        throw new InputError(`Cannot restart ${resource.resource}: nothing rolls them out`, {
          hint: "It works for deployments, statefulsets and daemonsets.",
        });
      }
      const restartedAt = options.now.toISOString().replace(/\.\d+Z$/, "Z");
      const annotations = { [RESTARTED_AT]: restartedAt };
      return merge({
        ...(given.reason ? { metadata: { annotations: { [CHANGE_CAUSE]: given.reason } } } : {}),
        spec: { template: { metadata: { annotations } } },
      });
    }
    case "labels":
    case "annotations": {
      const values = given[given.operation];
      if (values === undefined || Object.keys(values).length === 0) throw missing(given.operation);
      return merge({ metadata: { [given.operation]: values } });
    }
    default:
      throw new InputError(`Cannot patch with operation "${given.operation}"`);
  }
}

/** Where a workload keeps the specification of its pods, as fields from its root. */
const POD_SPECS = [
  ["spec", "jobTemplate", "spec", "template", "spec"],
  ["spec", "template", "spec"],
  ["spec"],
];

/**
 * The patch that gives a container another image. The object tells where the container stands; the
 * patch tests that it still stands there, so that nothing else is changed and none is added.
 *
 * @throws {InputError} no such container, or none named where there are several
 */
export function imagePatch(
  given: PatchArguments,
  object: unknown,
): Patch & { readonly container: string; readonly from: string } {
  const { image, reason } = given;
  if (image === undefined) throw missing("image");
  if (!/^[\w][\w./:@-]{0,499}$/.test(image)) {
    throw new InputError(`Cannot use image "${image.slice(0, 100)}": it is not the name of one`);
  }
  const { path, list, container } = findContainer(object, given.container);
  const place = `/${path.join("/")}/${list}/${container.index}`;
  const { annotations, resourceVersion } =
    (object as { metadata?: Readonly<Record<string, unknown>> }).metadata ?? {};
  const recorded = !reason ? [] : annotations
    ? [{
      op: "add",
      path: `/metadata/annotations/${CHANGE_CAUSE.replace("/", "~1")}`,
      value: reason,
    }]
    // With a test, so that no annotation that came in between is lost.
    : [
      { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
      { op: "add", path: "/metadata/annotations", value: { [CHANGE_CAUSE]: reason } },
    ];
  return {
    contentType: PATCH_TYPES.json,
    body: [
      { op: "test", path: `${place}/name`, value: container.name },
      { op: "replace", path: `${place}/image`, value: image },
      ...recorded,
    ],
    container: container.name,
    from: container.image,
  };
}

function findContainer(object: unknown, wanted: string | undefined) {
  const path = POD_SPECS.find((fields) => Array.isArray(at(object, [...fields, "containers"])));
  if (path === undefined) throw new InputError("Cannot update the image: it has no containers");
  const lists = (["containers", "initContainers"] as const).map((list) => ({
    list,
    members: (at(object, [...path, list]) ?? []) as readonly { name: string; image?: string }[],
  }));
  const names = lists.flatMap(({ members }) => members.map(({ name }) => name));
  const [first] = lists;
  const name = wanted ?? (first?.members.length === 1 ? first.members[0]?.name : undefined);
  for (const { list, members } of lists) {
    const index = members.findIndex((member) => member.name === name);
    const member = members[index];
    if (member) {
      return { path, list, container: { index, name: member.name, image: member.image ?? "" } };
    }
  }
  throw new InputError(
    wanted === undefined
      ? "Cannot update the image: container is missing"
      : `Cannot update the image: there is no container "${wanted.slice(0, 100)}"`,
    { hint: `There are ${names.join(", ")}.` },
  );
}

function at(value: unknown, fields: readonly string[]): unknown {
  return fields.reduce<unknown>(
    (inner, field) => (inner as Readonly<Record<string, unknown>> | null | undefined)?.[field],
    value,
  );
}

function missing(name: string): InputError {
  return new InputError(`Cannot patch: ${name} is missing`);
}
