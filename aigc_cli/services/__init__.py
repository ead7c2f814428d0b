"""Where several adapters work together. Services yield events; they never print and never translate."""
