import { stringify } from 'yaml';
import { hostNamePolicy, type Manifest, mysqlClusterCrd } from './crd.ts';

const header = '{{- /* Generated from packages/api: do not edit. */ -}}\n';

/** The CRD as a template of the chart `crds`. A template, because Helm never updates what is in a chart's crds folder. */
export function crdTemplate(): string {
  const manifest = mysqlClusterCrd();
  const yaml = toTemplate({ ...manifest, metadata: { ...manifest.metadata, annotations: {} } });
  return `${header}${yaml.replace('  annotations: {}\n', crdMetadata)}`;
}

/** The admission policy as a template that can be switched off, for Kubernetes where policies may not be installed. */
export function policyTemplate(): string {
  const body = hostNamePolicy()
    .map(toTemplate)
    .map((yaml) => yaml.replace(/^( {2}name: host-names.*\n)/m, `$1${labels}`))
    .join('---\n');
  return `${header}{{- if .Values.hostNamePolicy }}\n${body}{{- end }}\n`;
}

const labels = '  labels:\n    {{- include "common.labels" . | nindent 4 }}\n';

const crdMetadata = `${labels}  {{- if .Values.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
`;

/** Double braces in descriptions and rules would be taken for template actions. */
function toTemplate(manifest: Manifest): string {
  return stringify(manifest, { lineWidth: 120 }).replaceAll('{{', '{{ "{{" }}');
}
