"""Chats on pseudo-terminals."""

from __future__ import annotations

from collections.abc import Callable

from aigc_cli.testing import PtyScreen

Chat = Callable[..., PtyScreen]
"""Opens a chat with these arguments, size and environment variables."""
