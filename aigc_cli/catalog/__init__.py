"""Models: where they come from, which are here, which are worth fetching."""
