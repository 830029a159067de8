/** What the text of an argument may be. Each holds one name or number, never a line of its own. Pure. */
import { InputError } from "../../errors.ts";
import { shown } from "../../std/shown.ts";

/** Characters of a value that an error repeats. */
const SHOWN = 60;

/** RFC 1123 label, as namespaces and services have it. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** RFC 1123 subdomain. */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
/** helm's own rule: a release's name is part of the names of its objects. */
const RELEASE = /^[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?$/;
/** Registry, path, tag and digest of an image. */
const IMAGE = /^[A-Za-z0-9][\w.:/@-]{0,511}$/;
/** `web`, `repo/web`, `./web`, `oci://registry/web`, `https://…/web-1.0.tgz`. */
const CHART = /^(?:[a-z]+:\/\/|\.\/)?[A-Za-z0-9][\w.:/+-]{0,255}$/;
/** A deployment's number, a commit, a tag. */
const REVISION = /^[A-Za-z0-9][\w./-]{0,99}$/;
/** `replicas=2,image.tag=1.2`: a command quotes it whole, and nothing in it means anything to a shell. */
const SET_VALUES = /^[A-Za-z][\w.[\]-]*=[^'"\\`;|&<>$\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{0,500}$/u;

/** The error of a value that cannot be used; whoever reads the argument adds its name. */
export function unusable(text: string, wanted: string): InputError {
  const cut = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return new InputError(`"${shown(cut)}" is not ${wanted}`);
}

function matching(form: RegExp, wanted: string, characters = 512): (text: string) => string {
  return (text) => {
    // Two dots lead out of a folder, and are in no name.
    if (text.length > characters || !form.test(text) || text.includes("..")) {
      throw unusable(text, wanted);
    }
    return text;
  };
}

/** The name of a namespace, or of a service. */
export const labelName = matching(
  LABEL,
  "a name: lower-case letters, digits and hyphens, at most 63 (RFC 1123)",
);
/** The name of an object. */
export const objectName = matching(
  SUBDOMAIN,
  "the name of an object: lower-case letters, digits, hyphens and dots (RFC 1123)",
  253,
);
/** The name of a release of helm. */
export const releaseName = matching(
  RELEASE,
  "the name of a release: lower-case letters, digits, hyphens and dots, at most 53",
);
/** A label's value, such as a version. */
export const labelValue = matching(LABEL_VALUE, "a label's value, such as v2");
/** The reference of an image. */
export const imageReference = matching(IMAGE, "an image, such as registry.example/app:1.2");
/** The reference of a chart. */
export const chartReference = matching(CHART, "a chart, such as repo/chart or oci://host/chart");
/** A revision of an application. */
export const revisionName = matching(REVISION, "a revision: a number of the history, or a commit");
/** Values of a chart, as `--set` takes them. */
export const setValues = matching(SET_VALUES, "values: key=value,key=value on one line");

/** A whole number within bounds, as a number. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw unusable(text, `a whole number from ${least} to ${most}`);
  };
}
