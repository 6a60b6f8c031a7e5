{{- /*
Who may do what on NATS, as YAML. A service publishes the events of its own domain and hears what it needs; nobody but
the services publishes anything. Replies go to an inbox of each user's own, so nobody reads another's.
*/ -}}
{{- define "nats.users" -}}
topology-engine:
  publish:
    - mysql.v1.evt.*.*.topology.*
    - mysql.v1.evt.*.*.*.topology.*
    - $JS.API.STREAM.INFO.MYSQL_EVENTS
    - $JS.API.STREAM.CREATE.MYSQL_EVENTS
    - $JS.API.STREAM.UPDATE.MYSQL_EVENTS
  subscribe:
    - _INBOX_topology-engine.>
cluster-controller:
  publish:
    - mysql.v1.evt.*.*.cluster.*
    - mysql.v1.evt.*.*.*.cluster.*
  subscribe:
    - _INBOX_cluster-controller.>
service-syncer:
  publish:
    - mysql.v1.evt.*.*.service.*
    - mysql.v1.evt.*.*.*.service.*
  subscribe:
    - _INBOX_service-syncer.>
    - mysql.v1.evt.*.*.topology.primary-opened
subscriber:
  publish:
    - $JS.API.INFO
    - $JS.API.STREAM.NAMES
    - $JS.API.STREAM.LIST
    - $JS.API.STREAM.INFO.MYSQL_EVENTS
    - $JS.API.STREAM.MSG.GET.MYSQL_EVENTS
    - $JS.API.DIRECT.GET.MYSQL_EVENTS
    - $JS.API.DIRECT.GET.MYSQL_EVENTS.>
    - $JS.API.CONSUMER.CREATE.MYSQL_EVENTS
    - $JS.API.CONSUMER.CREATE.MYSQL_EVENTS.>
    - $JS.API.CONSUMER.DURABLE.CREATE.MYSQL_EVENTS.>
    - $JS.API.CONSUMER.INFO.MYSQL_EVENTS.>
    - $JS.API.CONSUMER.NAMES.MYSQL_EVENTS
    - $JS.API.CONSUMER.LIST.MYSQL_EVENTS
    - $JS.API.CONSUMER.DELETE.MYSQL_EVENTS.>
    - $JS.API.CONSUMER.MSG.NEXT.MYSQL_EVENTS.>
    - $JS.ACK.MYSQL_EVENTS.>
    - $JS.FC.MYSQL_EVENTS.>
  subscribe:
    - mysql.v1.evt.>
    - _INBOX_subscriber.>
    - _INBOX.>
{{- end -}}

{{- define "nats.passwordSecret" -}}
{{- printf "%s-nats-%s" .context.Release.Name .user -}}
{{- end -}}

{{- /* Password of a user: the configured one, else the one of the installed release, else a new one. */ -}}
{{- define "nats.password" -}}
{{- $installed := lookup "v1" "Secret" .context.Release.Namespace (include "nats.passwordSecret" .) -}}
{{- $given := get .context.Values.passwords .user -}}
{{- if $given -}}
{{- $given -}}
{{- else if $installed -}}
{{- $installed.data.password | b64dec -}}
{{- else -}}
{{- randAlphaNum 32 -}}
{{- end -}}
{{- end -}}
