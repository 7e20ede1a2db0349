//go:build tools

// Package clusterapi pins Cluster API in a module of its own: it needs other Kubernetes libraries than the rest.
package clusterapi

import (
	_ "sigs.k8s.io/cluster-api/core"
	_ "sigs.k8s.io/cluster-api/test/infrastructure/docker"
)
