/**
 * The manifests of deploy/kustomize/, made from the Helm chart: the base is what `helm template` gives,
 * and a component what one value adds to it. `deno task generate kustomize` writes them.
 */
import { Document, isMap, parseAllDocuments } from "yaml";
import { ROOT } from "../files.ts";

const CHART = `${ROOT}/deploy/chart/kubecode`;

/** A rendered file, relative to the repository. */
export interface Manifest {
  readonly path: string;
  readonly text: string;
}

/** Random values have no place in a committed file: whoever installs makes these Secrets. */
const BASE_VALUES = [
  "stateKey.existingSecret=kubecode-state-key",
  "auth.tokens.existingSecret=kubecode-tokens",
];

/** What each component adds, by the value that turns it on. */
const COMPONENTS: Readonly<Record<string, string>> = {
  write: "rbac.write.enabled=true",
  exec: "rbac.exec.enabled=true",
  autoscaling: "autoscaling.enabled=true",
  "service-monitor": "metrics.serviceMonitor.enabled=true",
};

const HEAD = "# Made from deploy/chart/kubecode by `deno task generate kustomize`: edit that.\n";

/**
 * All manifests that are made.
 *
 * @param helm the program, version 3 or later
 * @throws {Error} what helm says where the chart cannot be rendered
 */
export async function kustomizeManifests(helm: string): Promise<Manifest[]> {
  const base = await render(helm, BASE_VALUES);
  const known = new Set(base.map(identity));
  const manifests = [{ path: "deploy/kustomize/base/kubecode.yaml", text: write(base) }];
  for (const [name, value] of Object.entries(COMPONENTS)) {
    const added = (await render(helm, [...BASE_VALUES, value])).filter((object) =>
      !known.has(identity(object))
    );
    manifests.push({
      path: `deploy/kustomize/components/${name}/${name}.yaml`,
      text: write(added),
    });
  }
  return manifests;
}

/** The chart's objects, without what only Helm needs to know of them. */
async function render(helm: string, values: readonly string[]): Promise<Document[]> {
  const { success, stdout, stderr } = await new Deno.Command(helm, {
    args: [
      ...["template", "kubecode", CHART, "--namespace", "kubecode", "--skip-tests"],
      ...values.flatMap((value) => ["--set", value]),
    ],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot render the chart: ${text.decode(stderr).trim()}`);
  const objects = parseAllDocuments(text.decode(stdout)) as Document[];
  for (const object of objects) {
    // The separator is written below.
    if (object.directives) object.directives.docStart = null;
    if (object.contents) object.contents.commentBefore = commentOf(object.contents);
    for (const labels of [["metadata"], ["spec", "template", "metadata"]]) {
      for (const name of ["helm.sh/chart", "app.kubernetes.io/managed-by"]) {
        if (isMap(object.getIn([...labels, "labels"]))) {
          object.deleteIn([...labels, "labels", name]);
        }
      }
    }
  }
  return objects;
}

/** The comment before an object, without the name of its template. */
function commentOf({ commentBefore }: { commentBefore?: string | null }): string | null {
  return commentBefore?.replace(/^ ?Source: .*\n?/, "") || null;
}

/** What tells an object from the others. */
function identity(object: Document): string {
  return ["apiVersion", "kind"].map((name) => object.get(name)).concat([
    object.getIn(["metadata", "name"]),
    object.getIn(["metadata", "namespace"]),
  ]).join(" ");
}

function write(objects: readonly Document[]): string {
  return HEAD +
    objects.map((object) =>
      `---\n${object.toString({ lineWidth: 0, flowCollectionPadding: false })}`
    ).join("");
}
