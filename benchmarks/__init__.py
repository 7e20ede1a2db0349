"""Speed of the parts that run often: `python -m benchmarks.<name>`."""
