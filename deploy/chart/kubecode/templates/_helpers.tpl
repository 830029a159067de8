{{/* Name of all objects: the release's, with "kubecode" in it. */}}
{{- define "kubecode.name" -}}
{{- if contains "kubecode" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-kubecode" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* Name of an object without a namespace, apart for each release: name:namespace. */}}
{{- define "kubecode.clusterName" -}}
{{- printf "%s:%s" (include "kubecode.name" .) .Release.Namespace -}}
{{- end }}

{{/* What a Service and a Deployment select; it never changes. */}}
{{- define "kubecode.selector" -}}
app.kubernetes.io/name: kubecode
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kubecode.labels" -}}
{{ include "kubecode.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: mcp-server
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "kubecode.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "kubecode.name" .) -}}
{{- end }}

{{/* Names of the Secrets: one that exists, or the chart's own. */}}
{{- define "kubecode.stateKeySecret" -}}
{{- .Values.stateKey.existingSecret | default (printf "%s-state-key" (include "kubecode.name" .)) -}}
{{- end }}

{{- define "kubecode.tokensSecret" -}}
{{- .Values.auth.tokens.existingSecret | default (printf "%s-tokens" (include "kubecode.name" .)) -}}
{{- end }}

{{/* The config file. A group that the server may not name to the cluster would fail the whole request. */}}
{{- define "kubecode.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if .Values.impersonation.users -}}
{{- $told := dict "identity" (dict "cluster" (dict "as" "impersonate" "groups" .Values.impersonation.groups)) -}}
{{- $config = mergeOverwrite $config $told -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}

{{- define "kubecode.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{- define "kubecode.scheme" -}}
{{- if .Values.tls.secretName }}https{{ else }}http{{ end -}}
{{- end }}

{{/* Restricted, as Pod Security calls it, and no writable file. */}}
{{- define "kubecode.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "kubecode.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* The names that the server is asked by: those of its Service, of publicUrl, and those given. */}}
{{- define "kubecode.hosts" -}}
{{- $service := include "kubecode.name" . -}}
{{- $namespaced := printf "%s.%s" $service .Release.Namespace -}}
{{- $hosts := list $service $namespaced (print $namespaced ".svc") (print $namespaced ".svc.cluster.local") -}}
{{- with .Values.publicUrl }}{{ $hosts = append $hosts (urlParse .).hostname }}{{ end -}}
{{- if .Values.ingress.host }}{{ $hosts = append $hosts .Values.ingress.host }}{{ end -}}
{{- concat $hosts .Values.httpRoute.hostnames .Values.allowedHosts | uniq | join "," -}}
{{- end }}
