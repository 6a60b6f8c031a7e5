/** The manifests that users of the old operator have, unchanged: the proof that theirs go on working. */
export const seedManifests = `
apiVersion: v1
kind: Secret
metadata:
  name: my-secret
type: Opaque
stringData:
  ROOT_PASSWORD: e2e-password
  USER: app
  PASSWORD: e2e-password
  DATABASE: app
---
apiVersion: mysql.presslabs.org/v1alpha1
kind: MysqlCluster
metadata:
  name: my-cluster-1
spec:
  replicas: 5
  secretName: my-secret
  volumeSpec:
    persistentVolumeClaim:
      accessModes: [ "ReadWriteOnce" ]
      storageClassName: ceph-rbd
      resources:
        requests:
          storage: 1Gi
`;
