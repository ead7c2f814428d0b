"""The chat in the terminal, the only user of prompt_toolkit.

Read `loop` for one round of it, `session` for its state, `command` and `commands` for what begins with a slash.
"""
