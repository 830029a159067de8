{{/*
Rules of the three roles. RBAC cannot take away, so all that may be read is listed: what Kubernetes
serves itself, without Secrets and without the ways round them (tokens, proxies to pods, services and
nodes), and the groups of custom resources that are named. Argument: groups (of custom resources),
and prefix, which stands before each verb.
*/}}
{{- define "kubecode.rules.read" -}}
{{- $verbs := list (print .prefix "get") (print .prefix "list") (print .prefix "watch") -}}
- apiGroups: [""]
  resources:
    - configmaps
    - endpoints
    - events
    - limitranges
    - namespaces
    - nodes
    - persistentvolumeclaims
    - persistentvolumes
    - pods
    - pods/log
    - podtemplates
    - replicationcontrollers
    - resourcequotas
    - serviceaccounts
    - services
    - "*/scale"
    - "*/status"
  verbs: {{ toJson $verbs }}
- apiGroups:
    - admissionregistration.k8s.io
    - apiextensions.k8s.io
    - apiregistration.k8s.io
    - apps
    - autoscaling
    - batch
    - certificates.k8s.io
    - coordination.k8s.io
    - discovery.k8s.io
    - events.k8s.io
    - flowcontrol.apiserver.k8s.io
    - gateway.networking.k8s.io
    - metrics.k8s.io
    - networking.k8s.io
    - node.k8s.io
    - policy
    - rbac.authorization.k8s.io
    - resource.k8s.io
    - scheduling.k8s.io
    - storage.k8s.io
    {{- range .groups }}
    - {{ . }}
    {{- end }}
  resources: ["*"]
  verbs: {{ toJson $verbs }}
{{- end }}

{{/* What changes of workloads need: no Secrets, no rights of others, no nodes, no namespaces. */}}
{{- define "kubecode.rules.write" -}}
{{- $verbs := list -}}
{{- range list "create" "update" "patch" "delete" "deletecollection" -}}
{{- $verbs = append $verbs (print $.prefix .) -}}
{{- end -}}
- apiGroups: [""]
  resources:
    - configmaps
    - endpoints
    - persistentvolumeclaims
    - pods
    - pods/eviction
    - replicationcontrollers
    - services
    - "*/scale"
  verbs: {{ toJson $verbs }}
- apiGroups:
    - apps
    - autoscaling
    - batch
    - gateway.networking.k8s.io
    - networking.k8s.io
    - policy
    {{- range .groups }}
    - {{ . }}
    {{- end }}
  resources: ["*"]
  verbs: {{ toJson $verbs }}
{{- end }}

{{/* Commands in containers; by get where the client speaks WebSocket. */}}
{{- define "kubecode.rules.exec" -}}
- apiGroups: [""]
  resources: [pods/exec]
  verbs: {{ toJson (list (print .prefix "create") (print .prefix "get")) }}
{{- end }}
