"""What every layer shares: messages, requests, events, errors, protocols. Standard library only."""
