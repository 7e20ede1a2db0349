//go:build tools

// Package kindprogram pins the kind command.
package kindprogram

import _ "sigs.k8s.io/kind"
