"""The command line: one module per command group. A command declares options and calls one method."""
