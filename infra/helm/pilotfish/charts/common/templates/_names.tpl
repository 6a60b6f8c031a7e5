{{- /* Name of a chart's objects: release and component. */ -}}
{{- define "common.fullname" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* Name of cluster-scoped objects: two releases may share a name in different namespaces. */ -}}
{{- define "common.clusterScopedName" -}}
{{- printf "%s-%s" .Release.Namespace (include "common.fullname" .) -}}
{{- end -}}

{{- define "common.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "common.labels" -}}
{{ include "common.selectorLabels" . }}
app.kubernetes.io/component: {{ .Chart.Name }}
app.kubernetes.io/part-of: pilotfish
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with ((.Values.global).commonLabels) }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "common.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "common.fullname" .) -}}
{{- else -}}
{{- required (printf "%s.serviceAccount.name is needed when serviceAccount.create is false" .Chart.Name) .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}
