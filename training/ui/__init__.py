"""Look, words and small widgets that both windows use."""
