/** The arguments that prompts have, and how each is read and completed. */
import { isRecord } from "../../std/json/unknown.ts";
import type { Argument, Lookup, Written } from "../types.ts";
import {
  chartReference,
  imageReference,
  labelName,
  labelValue,
  objectName,
  releaseName,
  revisionName,
  setValues,
  unusable,
  wholeNumber,
} from "./forms.ts";
import { labelsOf, namesOf, namesOfType, objectOf, typeNames } from "./cluster_values.ts";
import { findType, type ResourceType } from "./resource_types.ts";

const PODS = { group: "", resource: "pods" };
const APPLICATIONS = { group: "argoproj.io", resource: "applications" };
/** The Secrets in which helm keeps releases; their labels tell names and states. */
const RELEASES = { group: "", resource: "secrets" };

const namespaces = (_: Written, lookup: Lookup) =>
  namesOf({ group: "", resource: "namespaces" })({}, lookup);

/** The namespace, the default one where none is given. */
export const NAMESPACE: Argument = {
  description: "Namespace (default: default)",
  default: "default",
  read: labelName,
  complete: namespaces,
};

/** One namespace, or all of them. */
export const ANY_NAMESPACE: Argument = {
  ...NAMESPACE,
  description: "Namespace; all where it is left out",
  default: "",
  read: (text) => text === "" ? "" : labelName(text),
};

/** Where Argo CD is. */
export const ARGOCD_NAMESPACE: Argument = {
  ...NAMESPACE,
  description: "Argo CD's namespace (default: argocd)",
  default: "argocd",
};

/** The type of a resource. */
export const RESOURCE_TYPE: Argument<ResourceType> = {
  description: "Type of resource, such as pods",
  required: true,
  read: findType,
  complete: (_, lookup) => typeNames(lookup),
};

/** The type of a resource that has replicas. */
export const SCALED_TYPE: Argument<ResourceType> = {
  description: "Type of resource, such as deployment",
  required: true,
  async read(text, lookup) {
    const type = await findType(text, lookup);
    if (type.subresources?.includes("scale") !== false) return type;
    throw unusable(text, "a type that can be scaled");
  },
  complete: (_, lookup) => typeNames(lookup, ({ subresources }) => subresources.includes("scale")),
};

/** The name of an object of that type. */
export const RESOURCE_NAME: Argument = {
  description: "Name of the object",
  required: true,
  read: objectName,
  complete: namesOfType,
};

/** A pod's name. */
export const POD_NAME: Argument = {
  description: "Name of the pod",
  required: true,
  read: objectName,
  complete: namesOf(PODS),
};

/** A container of the pod. */
export const CONTAINER: Argument = {
  description: "Container; all where it is left out",
  default: "",
  read: (text) => text === "" ? "" : labelName(text),
  async complete(written, lookup) {
    const pod = await objectOf(PODS, written, written.pod_name ?? "", lookup);
    const { containers = [], initContainers = [] } = Object(Object(pod).spec) as Readonly<
      Record<string, readonly { readonly name: string }[] | undefined>
    >;
    return [...containers, ...initContainers].map(({ name }) => name);
  },
};

/** The name of an application that is to be deployed. */
export const APP_NAME: Argument = {
  description: "Name of the application",
  required: true,
  read: labelName,
  complete: namesOf({ group: "apps", resource: "deployments" }),
};

/** An image. */
export const IMAGE: Argument = {
  description: "Image, such as nginx:1.27",
  required: true,
  read: imageReference,
};

/** How many pods. */
export const REPLICAS: Argument<number> = {
  description: "Pods (default: 1)",
  default: "1",
  read: wholeNumber(0, 1000),
};

/** A service. */
export const SERVICE_NAME: Argument = {
  description: "Name of the service",
  required: true,
  read: labelName,
  complete: namesOf({ group: "", resource: "services" }),
};

/** A version of a service, as its pods are labelled. */
export const NEW_VERSION: Argument = {
  description: "Label `version` of the new pods",
  required: true,
  read: labelValue,
  complete: labelsOf(PODS, "version"),
};

/** The share of a canary. */
export const PERCENTAGE: Argument<number> = {
  description: "Per cent of the traffic (default: 10)",
  default: "10",
  read: (text) => wholeNumber(0, 100)(text.replace(/%$/, "")),
};

/** A release of helm. */
export const RELEASE_NAME: Argument = {
  description: "Name of the release",
  required: true,
  read: releaseName,
  complete: labelsOf(RELEASES, "name", "owner=helm"),
};

/** A release of helm, or all of them. */
export const ANY_RELEASE: Argument = {
  ...RELEASE_NAME,
  description: "Release; all where it is left out",
  required: undefined,
  default: "",
  read: (text) => text === "" ? "" : releaseName(text),
};

/** A chart. */
export const CHART_NAME: Argument = {
  description: "Chart, such as repo/chart",
  required: true,
  read: chartReference,
};

/** Values of a chart. */
export const VALUES: Argument = {
  description: "Values: key=value,key=value",
  default: "",
  read: (text) => text === "" ? "" : setValues(text),
};

/** An application of Argo CD. */
export const APPLICATION: Argument = {
  description: "Name of the application",
  required: true,
  read: objectName,
  complete: namesOf(APPLICATIONS),
};

/** An application of Argo CD, or all of them. */
export const ANY_APPLICATION: Argument = {
  ...APPLICATION,
  description: "Application; all where it is left out",
  required: undefined,
  default: "",
  read: (text) => text === "" ? "" : objectName(text),
};

/** What an application is taken back to. */
export const REVISION: Argument = {
  description: "Number of the history, or commit; the one before where it is left out",
  default: "",
  read: (text) => text === "" ? "" : revisionName(text),
  async complete(written, lookup) {
    const object = await objectOf(APPLICATIONS, written, written.application_name ?? "", lookup);
    const { history } = Object(Object(object).status) as { history?: unknown };
    if (!Array.isArray(history)) return [];
    return history.filter(isRecord).map(({ id }) => `${id}`).reverse();
  },
};
