package main

import (
	"context"

	"k8s.io/component-base/cli"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func kubeletProgram() int {
	return cli.Run(kubelet.NewKubeletCommand(context.Background()))
}
