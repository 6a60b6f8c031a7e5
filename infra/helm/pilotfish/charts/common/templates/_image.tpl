{{- /*
An image: {context, image: {repository, tag, digest}, name}. Without a repository it is <name> of the release's own
registry and tag; a digest beats a tag.
*/ -}}
{{- define "common.image" -}}
{{- $global := .context.Values.global.image -}}
{{- $own := not .image.repository -}}
{{- $repository := .image.repository | default (printf "%s/%s" $global.registry .name) -}}
{{- $tag := .image.tag -}}
{{- if and $own (not $tag) -}}{{- $tag = $global.tag | default .context.Chart.AppVersion -}}{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (required (printf "the image %s needs a tag" $repository) $tag) -}}
{{- end -}}
{{- end -}}

{{- define "common.imagePullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}
