{{- /* URL of NATS: the configured one, else the one in this release, else empty: the services then do without. */ -}}
{{- define "common.natsUrl" -}}
{{- $nats := .Values.global.nats -}}
{{- if $nats.url -}}
{{- $nats.url -}}
{{- else if $nats.bundled -}}
{{- printf "nats://%s-nats.%s:4222" .Release.Name .Release.Namespace -}}
{{- end -}}
{{- end -}}

{{- define "common.natsPasswordSecret" -}}
{{- .Values.nats.passwordSecret | default (printf "%s-nats-%s" .Release.Name .Chart.Name) -}}
{{- end -}}
