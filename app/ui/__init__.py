"""Icons, actions, the message bar, texts."""
