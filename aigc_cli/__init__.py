"""aigc: a terminal assistant for generated content that learns from its user's thumbs."""

__version__ = "0.1.0"
