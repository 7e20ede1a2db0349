"""The web pages of `livecost web` and their JSON; every figure comes from costmodel."""
