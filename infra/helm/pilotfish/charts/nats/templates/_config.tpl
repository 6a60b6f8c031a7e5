{{- /* nats.conf: {context, users, passwords}. Strings are written as JSON, whose quoting NATS understands. */ -}}
{{- define "nats.config" -}}
{{- $ := .context -}}
{{- $passwords := .passwords -}}
server_name: {{ include "common.fullname" $ | toRawJson }}
port: 4222
http_port: 8222
pid_file: "/var/run/nats/nats.pid"
max_payload: 1MB
jetstream {
  store_dir: "/data"
  max_memory_store: 64MB
  max_file_store: {{ $.Values.jetstream.maxFileStore }}
}
authorization {
  users: [
    {{- range $user, $may := .users }}
    {
      user: {{ toRawJson $user }}
      password: {{ get $passwords $user | toRawJson }}
      permissions: { publish: { allow: {{ toRawJson $may.publish }} }, subscribe: { allow: {{ toRawJson $may.subscribe }} } }
    }
    {{- end }}
  ]
}
{{- end -}}
