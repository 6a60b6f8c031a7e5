{{- define "topology-engine.env" -}}
- name: PILOTFISH_API_PORT
  value: '8080'
- name: PILOTFISH_ORCHESTRATOR_CONFIG
  value: /etc/pilotfish/orchestrator/config.json
{{- with .Values.hooks }}
- name: PILOTFISH_HOOKS
  value: {{ toJson . | quote }}
{{- end }}
{{- end -}}

{{- define "topology-engine.volumeMounts" -}}
- name: orchestrator-config
  mountPath: /etc/pilotfish/orchestrator
  readOnly: true
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Made by the umbrella chart when orchestrator.config has settings. */ -}}
{{- define "topology-engine.volumes" -}}
- name: orchestrator-config
  configMap:
    name: {{ .Release.Name | trunc 240 }}-orchestrator-config
    optional: true
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "topology-engine.ports" -}}
- name: api
  containerPort: 8080
{{- end -}}

{{- define "topology-engine.apiName" -}}
{{- printf "%s-api" (include "common.fullname" . | trunc 59 | trimSuffix "-") -}}
{{- end -}}

{{- /* {context, role}. Cluster-scoped: two releases may share a name in different namespaces. */ -}}
{{- define "topology-engine.userRole" -}}
{{- printf "%s-%s-mysql-%s" .context.Release.Namespace .context.Release.Name .role -}}
{{- end -}}

{{- define "topology-engine.rules" -}}
- apiGroups: [mysql.presslabs.org]
  resources: [mysqlclusters]
  verbs: [get, list, watch]
- apiGroups: [mysql.presslabs.org]
  resources: [mysqlclusters/status]
  verbs: [patch]
- apiGroups: ['']
  resources: [pods]
  verbs: [get, list, watch]
{{- if not .Values.global.watchNamespace }}
# Zones, and which nodes are lost. With one namespace there is no access to nodes: zones are not known then.
- apiGroups: ['']
  resources: [nodes]
  verbs: [get, list, watch]
{{- end }}
# The accounts of the operator in each cluster: Secret <cluster>-mysql-operated.
- apiGroups: ['']
  resources: [secrets]
  verbs: [get]
- apiGroups: ['']
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "topology-engine.ownRules" -}}
# One Lease for each replica: who is alive shares the clusters out.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, list, watch, create, patch, delete]
{{- end -}}
