"""For maintainers: the start-up benchmark, the README's screenshots."""
