"""Speed and memory, as `gnc bench` measures them."""
