"""Measurements behind every claim of speed or size; ``python -m benchmarks`` says how to run them."""
