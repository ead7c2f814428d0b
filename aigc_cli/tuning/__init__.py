"""Training adapters from votes; begin with `job`, then `recipes`, `train` (the child process), `convert` and `gate`."""
