"""Going through many readings quickly: least sure first, one key to confirm, work kept at every step."""
