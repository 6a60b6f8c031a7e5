{{- define "service-syncer.env" -}}{{- end -}}

{{- define "service-syncer.rules" -}}
- apiGroups: [mysql.presslabs.org]
  resources: [mysqlclusters]
  verbs: [get, list, watch]
- apiGroups: [mysql.presslabs.org]
  resources: [mysqlclusters/status]
  verbs: [patch]
# The labels role and healthy.
- apiGroups: ['']
  resources: [pods]
  verbs: [get, list, watch, patch]
- apiGroups: ['']
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "service-syncer.ownRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, list, watch, create, patch, delete]
{{- end -}}
