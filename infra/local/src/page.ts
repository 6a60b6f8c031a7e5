import { release, releaseNamespace } from './chart.ts';
import { currentKubeconfig, kubectl, usesOwnCluster } from './kubectl.ts';

/** What to read when all is up: what runs, and what can be done with it. */
export async function closingPage(options: { readonly sample: boolean }): Promise<string> {
  const k = usesOwnCluster() ? 'kubectl' : 'npm run -s kubectl --';
  const pods = await kubectl(['get', 'pods', '--all-namespaces', '--output=wide']);
  const columns = pods
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line.replace(/ +NOMINATED.*| +<none> +<none>\s*$/, '')}`);
  return [
    'What runs:',
    ...columns,
    '',
    `The kubeconfig is ${currentKubeconfig()} (export KUBECONFIG="$(npm run -s kubeconfig)" for your own kubectl).`,
    ...(options.sample ? samplePage(k) : []),
    '',
    'Watch the events on NATS (with the nats command line, in another terminal):',
    `  ${k} -n ${releaseNamespace} port-forward svc/${release}-nats 4222`,
    `  nats sub 'mysql.v1.evt.>' --user subscriber --password "$(${k} -n ${releaseNamespace} get secret ${release}-nats-subscriber -o jsonpath='{.data.password}' | base64 -d)"`,
    '',
    'Metrics: port 8081 of each service, port 9125 of each MySQL pod, at /metrics; this machine reaches the pods directly:',
    `  curl "$(${k} -n ${releaseNamespace} get pod -l app.kubernetes.io/name=topology-engine -o jsonpath='http://{.items[0].status.podIP}:8081/metrics')"`,
    '',
    'Faults of nodes: node infra/local/run.mjs fault power-off|power-on|cut|join 1|2|3.  End it all: npm run down',
  ].join('\n');
}

function samplePage(k: string): string[] {
  const primary = 'mysql.presslabs.org/cluster=sample,role=master';
  return [
    '',
    'The cluster "sample" in the namespace "demo": Services sample-mysql-master (writes) and sample-mysql-replicas (reads), port 3306.',
    `  ${k} -n demo get mysql,pods -L role,healthy`,
    `  ${k} -n demo exec -it sample-mysql-0 -c mysql -- mysql -h sample-mysql-master -u app -papp-password app`,
    '',
    'Kill the primary, and look how long it takes:',
    `  ${k} -n demo delete pod -l ${primary} --grace-period=0 --force && ${k} -n demo get pods -L role --watch`,
  ];
}
