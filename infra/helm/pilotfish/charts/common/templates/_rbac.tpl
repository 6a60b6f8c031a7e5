{{- define "common.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.serviceAccountName" . }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
# Pods ask for the token themselves, so nothing else that runs under this account gets one by accident.
automountServiceAccountToken: false
{{- end -}}
{{- end -}}

{{- /*
Permissions: {context, rules, ownRules}. `rules` hold where MysqlClusters are watched: everywhere, or in
global.watchNamespace. `ownRules` hold in the namespace of the release.
*/ -}}
{{- define "common.rbac" -}}
{{- $ := .context -}}
{{- if $.Values.rbac.create -}}
{{- $watched := $.Values.global.watchNamespace -}}
{{- if $watched }}
{{ include "common.role" (dict "context" $ "kind" "Role" "namespace" $watched "name" (include "common.clusterScopedName" $) "rules" .rules) }}
{{- else }}
{{ include "common.role" (dict "context" $ "kind" "ClusterRole" "name" (include "common.clusterScopedName" $) "rules" .rules) }}
{{- end }}
---
{{ include "common.role" (dict "context" $ "kind" "Role" "namespace" $.Release.Namespace "name" (include "common.fullname" $) "rules" .ownRules) }}
{{- end -}}
{{- end -}}

{{- /* A role and its binding to the service's account: {context, kind, namespace, name, rules}. */ -}}
{{- define "common.role" -}}
{{- $ := .context -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "common.labels" $ | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "common.labels" $ | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ include "common.serviceAccountName" $ }}
    namespace: {{ $.Release.Namespace }}
{{- end -}}
