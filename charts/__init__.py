"""Writes the generated files of the Helm chart: `python -m charts`, or `make chart`."""
