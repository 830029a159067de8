const rbac = k8s.rbacV1();
const may = ({ rules }) =>
  rules?.some((r) =>
    [["apiGroups", ""], ["resources", "pods"], ["verbs", "delete"]]
      .every(([field, value]) => r[field]?.some((v) => v === value || v === "*"))
  );
const names = (list) =>
  list.items.filter(may).map((r) => (r.metadata.namespace ?? "") + "/" + r.metadata.name);
const roles = new Set([...names(rbac.clusterRoles().list()), ...names(rbac.roles("").list())]);
const out = {};
for (const list of [rbac.clusterRoleBindings().list(), rbac.roleBindings("").list()]) {
  for (const { metadata: { namespace }, roleRef, subjects } of list.items) {
    if (!roles.has((roleRef.kind === "Role" ? namespace : "") + "/" + roleRef.name)) continue;
    for (const s of subjects ?? []) {
      (out[namespace ?? "everywhere"] ??= []).push(
        `${s.kind} ${s.namespace ? s.namespace + "/" : ""}${s.name}`,
      );
    }
  }
}
out;
