//go:build tools

// Package livekit pins livekit-server in a module of its own: its dependencies and those of Kubernetes disagree.
package livekit

import _ "github.com/livekit/livekit-server/cmd/server"
