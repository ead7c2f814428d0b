"""How answers, listings and progress are shown: the only writer of model text to a terminal, the only user of rich.

Nothing heavy is imported here or by `aigc_cli.render.terminal` and `aigc_cli.render.filter`.
"""
