"""The host of plugins: finding, loading and calling them so that none can break the program."""
