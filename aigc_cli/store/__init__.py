"""Everything that was asked and answered, in one SQLite file."""

from aigc_cli.store.store import Store

__all__ = ["Store"]
