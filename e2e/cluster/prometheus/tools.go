//go:build tools

// Package prometheus pins Prometheus in a module of its own: its dependencies and those of Kubernetes disagree.
package prometheus

import (
	_ "github.com/prometheus/prometheus/cmd/prometheus"
	_ "github.com/prometheus/prometheus/cmd/promtool"
)
