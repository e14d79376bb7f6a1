"""What people labelled: digits and numbers with their pictures, to look through, to share, to learn from."""
