"""Builds livecost's container image: `python -m image`, or `make image`."""
