"""End-to-end checks: livecost against real Kubernetes programs."""
