{{- define "cluster-controller.env" -}}
- name: PILOTFISH_AGENT_IMAGE
  value: {{ include "common.image" (dict "context" . "image" .Values.nodeAgent.image "name" "node-agent") }}
- name: PILOTFISH_EXPORTER_IMAGE
  value: {{ include "common.image" (dict "context" . "image" .Values.metricsExporter.image "name" "metrics-exporter") }}
- name: PILOTFISH_MYSQL_IMAGES
  value: {{ .Values.mysql.images | toJson | quote }}
- name: PILOTFISH_IMAGE_PULL_POLICY
  value: {{ .Values.mysql.imagePullPolicy }}
{{- end -}}

{{- define "cluster-controller.rules" -}}
- apiGroups: [mysql.presslabs.org]
  resources: [mysqlclusters]
  verbs: [get, list, watch, patch]
- apiGroups: [mysql.presslabs.org]
  resources: [mysqlclusters/status]
  verbs: [patch]
# Needed where the admission plugin OwnerReferencesPermissionEnforcement is on.
- apiGroups: [mysql.presslabs.org]
  resources: [mysqlclusters/finalizers]
  verbs: [update]
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [get, list, watch, create, patch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: ['']
  resources: [services, configmaps]
  verbs: [get, list, watch, create, patch]
# Looks at a user's Secret and makes <cluster>-mysql-operated; it cannot list what other Secrets there are.
- apiGroups: ['']
  resources: [secrets]
  verbs: [get, create, patch]
# Volumes of removed instances are deleted once their data is proven to be elsewhere.
- apiGroups: ['']
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, delete]
# A rolling change deletes pods one by one, in the order of their roles.
- apiGroups: ['']
  resources: [pods]
  verbs: [get, list, watch, delete]
- apiGroups: ['']
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "cluster-controller.ownRules" -}}
# Its own Lease; those of the engine tell whether there is one to hand a primary over before its pod is replaced.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, list, watch, create, patch, delete]
{{- end -}}
