{{- define "topology-engine.env" -}}{{- end -}}

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
