{{- /* {context, checksum of the configuration}: one server, which is enough, since events are news and not state. */ -}}
{{- define "nats.statefulset" -}}
{{- $ := .context -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "common.fullname" $ }}
  labels:
    {{- include "common.labels" $ | nindent 4 }}
spec:
  replicas: 1
  serviceName: {{ include "common.fullname" $ }}
  selector:
    matchLabels:
      {{- include "common.selectorLabels" $ | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "common.labels" $ | nindent 8 }}
      annotations:
        checksum/config: {{ .checksum }}
    spec:
      {{- include "common.podScheduling" $ | nindent 6 }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      {{- include "common.imagePullSecrets" $ | nindent 6 }}
      securityContext:
        {{- include "common.podSecurityContext" $ | nindent 8 }}
      containers:
        - name: nats
          image: {{ include "common.image" (dict "context" $ "image" $.Values.image "name" "nats") }}
          imagePullPolicy: {{ $.Values.image.pullPolicy | default $.Values.global.image.pullPolicy }}
          # To the entry point of the image, which is nats-server.
          args: [--config, /etc/nats/nats.conf]
          ports:
            - name: client
              containerPort: 4222
            - name: monitor
              containerPort: 8222
          startupProbe:
            httpGet:
              path: /healthz
              port: monitor
            periodSeconds: 2
            failureThreshold: 90
          livenessProbe:
            httpGet:
              path: /healthz?js-enabled-only=true
              port: monitor
            periodSeconds: 20
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet:
              path: /healthz?js-server-only=true
              port: monitor
            periodSeconds: 5
            timeoutSeconds: 3
          resources:
            {{- toYaml $.Values.resources | nindent 12 }}
          securityContext:
            {{- include "common.containerSecurityContext" $ | nindent 12 }}
          volumeMounts:
            - name: config
              mountPath: /etc/nats
              readOnly: true
            - name: data
              mountPath: /data
            - name: run
              mountPath: /var/run/nats
      volumes:
        - name: config
          secret:
            secretName: {{ include "common.fullname" $ }}-config
            items:
              - key: nats.conf
                path: nats.conf
        - name: run
          emptyDir: {}
        {{- if not $.Values.persistence.enabled }}
        - name: data
          emptyDir:
            sizeLimit: {{ $.Values.persistence.size }}
        {{- end }}
  {{- if $.Values.persistence.enabled }}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $.Values.persistence.storageClassName }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ $.Values.persistence.size }}
  {{- end }}
{{- end -}}
