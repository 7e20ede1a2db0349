"""livecost in kind, installed as users install it: its own image, by its own chart, in a cluster of several nodes."""
