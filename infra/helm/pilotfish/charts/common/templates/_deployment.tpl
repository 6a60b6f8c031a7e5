{{- /*
Deployment of a service: {context, env, ports, volumeMounts, volumes}. The replicas are alike: none has an identity, state or certificate of its own,
so their number can change at any time.
*/ -}}
{{- define "common.deployment" -}}
{{- $ := .context -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "common.fullname" $ }}
  labels:
    {{- include "common.labels" $ | nindent 4 }}
spec:
  replicas: {{ $.Values.replicas }}
  revisionHistoryLimit: 3
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  selector:
    matchLabels:
      {{- include "common.selectorLabels" $ | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "common.labels" $ | nindent 8 }}
        {{- with $.Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        prometheus.io/scrape: 'true'
        prometheus.io/port: '8081'
        prometheus.io/path: /metrics
        {{- with $.Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "common.podScheduling" $ | nindent 6 }}
      serviceAccountName: {{ include "common.serviceAccountName" $ }}
      automountServiceAccountToken: true
      terminationGracePeriodSeconds: 30
      {{- include "common.imagePullSecrets" $ | nindent 6 }}
      securityContext:
        {{- include "common.podSecurityContext" $ | nindent 8 }}
      containers:
        - name: {{ $.Chart.Name }}
          image: {{ include "common.image" (dict "context" $ "image" $.Values.image "name" $.Chart.Name) }}
          imagePullPolicy: {{ $.Values.image.pullPolicy | default $.Values.global.image.pullPolicy }}
          env:
            {{- include "common.env" $ | nindent 12 }}
            {{- with .env }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with $.Values.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          ports:
            - name: ops
              containerPort: 8081
            {{- with .ports }}
            {{- . | nindent 12 }}
            {{- end }}
          {{- include "common.probes" $ | nindent 10 }}
          resources:
            {{- toYaml $.Values.resources | nindent 12 }}
          securityContext:
            {{- include "common.containerSecurityContext" $ | nindent 12 }}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            {{- with .volumeMounts }}
            {{- . | nindent 12 }}
            {{- end }}
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 64Mi
        {{- with .volumes }}
        {{- . | nindent 8 }}
        {{- end }}
{{- end -}}

{{- define "common.env" -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: PILOTFISH_LOG_LEVEL
  value: {{ .Values.global.logLevel | quote }}
- name: PILOTFISH_OPS_PORT
  value: '8081'
- name: PILOTFISH_WATCH_NAMESPACE
  value: {{ .Values.global.watchNamespace | quote }}
- name: PILOTFISH_NATS_URL
  value: {{ include "common.natsUrl" . | quote }}
{{- if include "common.natsUrl" . }}
- name: PILOTFISH_NATS_USER
  value: {{ .Chart.Name }}
- name: PILOTFISH_NATS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "common.natsPasswordSecret" . }}
      key: password
      optional: true
{{- end }}
{{- end -}}

{{- /* A slow start is not a failure: the first list of a large Kubernetes takes its time. */ -}}
{{- define "common.probes" -}}
startupProbe:
  httpGet:
    path: /healthz
    port: ops
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /healthz
    port: ops
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: /readyz
    port: ops
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end -}}
