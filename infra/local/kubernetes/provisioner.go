package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// provisionerName is what a StorageClass names to get volumes from here.
const provisionerName = "local.pilotfish.dev/xfs-image"

// nodeBoundParameter of a StorageClass says whether its volumes stay on the node they were made for, as a local disk
// does. The others can be mounted on any node, as network storage can: all nodes share the host's file system.
const nodeBoundParameter = "nodeBound"

// provisionerProgram serves persistent volumes from a directory of the host until it gets SIGTERM.
//
// Every volume is a file system of its own, so it has a real size, runs full, and grows while mounted.
func provisionerProgram() int {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	directory := flag.String("directory", "", "where images and mount points are")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := runProvisioner(ctx, *kubeconfig, *directory); err != nil {
		klog.ErrorS(err, "The provisioner has failed")
		return 1
	}
	return 0
}

func runProvisioner(ctx context.Context, kubeconfig, directory string) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	images := imageStore{directory: directory}
	if err := remountAll(ctx, client, images); err != nil {
		return err
	}
	informers := informers.NewSharedInformerFactory(client, 10*time.Minute)
	resizer := newResizer(client, images, informers)
	informers.Start(ctx.Done())
	go resizer.run(ctx)

	provisioner := controller.NewProvisionController(ctx, client, provisionerName, &provisioner{images: images},
		controller.LeaderElection(false), controller.ResyncPeriod(time.Minute), controller.Threadiness(4))
	provisioner.Run(ctx)
	return nil
}

// remountAll mounts what existing volumes need: after a restart of the machine nothing is mounted.
func remountAll(ctx context.Context, client kubernetes.Interface, images imageStore) error {
	volumes, err := client.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list volumes: %w", err)
	}
	for _, volume := range volumes.Items {
		if !isOurs(&volume) {
			continue
		}
		if err := images.mount(volume.Name); err != nil {
			klog.ErrorS(err, "A volume can't be mounted again", "volume", volume.Name)
		}
	}
	return nil
}

type provisioner struct {
	images imageStore
}

func (p *provisioner) Provision(_ context.Context, options controller.ProvisionOptions) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	if mode := options.PVC.Spec.VolumeMode; mode != nil && *mode == corev1.PersistentVolumeBlock {
		return nil, controller.ProvisioningFinished, fmt.Errorf("block volumes are not served")
	}
	size := imageSize(options.PVC.Spec.Resources.Requests[corev1.ResourceStorage])
	if err := p.images.create(options.PVName, size); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	directoryType := corev1.HostPathDirectory
	volume := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName},
		Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   options.PVC.Spec.AccessModes,
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: *resource.NewQuantity(size, resource.BinarySI)},
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: p.images.folder(options.PVName), Type: &directoryType},
			},
		},
	}
	if options.StorageClass.Parameters[nodeBoundParameter] == "true" {
		volume.Spec.NodeAffinity = onlyOn(options.SelectedNodeName)
	}
	return volume, controller.ProvisioningFinished, nil
}

func (p *provisioner) Delete(_ context.Context, volume *corev1.PersistentVolume) error {
	return p.images.remove(volume.Name)
}

func onlyOn(node string) *corev1.VolumeNodeAffinity {
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{
			{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{node}},
		},
	}}}}
}

func isOurs(volume *corev1.PersistentVolume) bool {
	return volume.Annotations["pv.kubernetes.io/provisioned-by"] == provisionerName
}
