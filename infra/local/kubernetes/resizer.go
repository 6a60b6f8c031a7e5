package main

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

// resizer grows a volume when its claim asks for more than it has: online, and without a CSI driver.
type resizer struct {
	client  kubernetes.Interface
	images  imageStore
	claims  corelisters.PersistentVolumeClaimLister
	volumes corelisters.PersistentVolumeLister
	synced  []cache.InformerSynced
	queue   workqueue.TypedRateLimitingInterface[types.NamespacedName]
}

func newResizer(client kubernetes.Interface, images imageStore, informers informers.SharedInformerFactory) *resizer {
	claims := informers.Core().V1().PersistentVolumeClaims()
	volumes := informers.Core().V1().PersistentVolumes()
	r := &resizer{
		client:  client,
		images:  images,
		claims:  claims.Lister(),
		volumes: volumes.Lister(),
		synced:  []cache.InformerSynced{claims.Informer().HasSynced, volumes.Informer().HasSynced},
		queue:   workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[types.NamespacedName]()),
	}
	enqueue := func(object any) {
		if claim, ok := object.(*corev1.PersistentVolumeClaim); ok {
			r.queue.Add(types.NamespacedName{Namespace: claim.Namespace, Name: claim.Name})
		}
	}
	// The error says that the informer has stopped, which it can't have before it starts.
	_, _ = claims.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    enqueue,
		UpdateFunc: func(_, current any) { enqueue(current) },
	})
	return r
}

func (r *resizer) run(ctx context.Context) {
	go func() {
		<-ctx.Done()
		r.queue.ShutDown()
	}()
	if !cache.WaitForCacheSync(ctx.Done(), r.synced...) {
		return
	}
	for {
		key, stopped := r.queue.Get()
		if stopped {
			return
		}
		if err := r.reconcile(ctx, key); err != nil {
			klog.ErrorS(err, "A volume did not grow; it will be tried again", "claim", key)
			r.queue.AddRateLimited(key)
		} else {
			r.queue.Forget(key)
		}
		r.queue.Done(key)
	}
}

func (r *resizer) reconcile(ctx context.Context, key types.NamespacedName) error {
	claim, err := r.claims.PersistentVolumeClaims(key.Namespace).Get(key.Name)
	if errors.IsNotFound(err) || err == nil && claim.Status.Phase != corev1.ClaimBound {
		return nil
	}
	if err != nil {
		return err
	}
	requested := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	if current := claim.Status.Capacity[corev1.ResourceStorage]; requested.Cmp(current) <= 0 {
		return nil
	}
	volume, err := r.volumes.Get(claim.Spec.VolumeName)
	if err != nil {
		return err
	}
	if !isOurs(volume) {
		return nil
	}
	size := imageSize(requested)
	if err := r.images.grow(volume.Name, size); err != nil {
		return err
	}
	capacity := corev1.ResourceList{corev1.ResourceStorage: *resource.NewQuantity(size, resource.BinarySI)}
	if err := r.record(ctx, claim, volume, capacity); err != nil {
		return fmt.Errorf("record the new capacity: %w", err)
	}
	klog.InfoS("A volume has grown", "claim", key, "volume", volume.Name, "size", size)
	return nil
}

// record writes the new capacity where users and the controllers look for it: the volume first, as the claim's follows from it.
func (r *resizer) record(ctx context.Context, claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume, capacity corev1.ResourceList) error {
	volumePatch, err := json.Marshal(map[string]any{"spec": map[string]any{"capacity": capacity}})
	if err != nil {
		return err
	}
	claimPatch, err := json.Marshal(map[string]any{"status": map[string]any{"capacity": capacity, "conditions": nil}})
	if err != nil {
		return err
	}
	if _, err := r.client.CoreV1().PersistentVolumes().Patch(ctx, volume.Name, types.MergePatchType, volumePatch, metav1.PatchOptions{}); err != nil {
		return err
	}
	claims := r.client.CoreV1().PersistentVolumeClaims(claim.Namespace)
	_, err = claims.Patch(ctx, claim.Name, types.MergePatchType, claimPatch, metav1.PatchOptions{}, "status")
	return err
}
