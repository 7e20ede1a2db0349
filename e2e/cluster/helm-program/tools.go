//go:build tools

// Package helmprogram pins the helm command.
package helmprogram

import _ "helm.sh/helm/v4/cmd/helm"
