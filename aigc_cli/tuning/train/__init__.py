"""The training process, ``python -m aigc_cli.tuning.train JOB.json``: all that needs torch and its companions."""
