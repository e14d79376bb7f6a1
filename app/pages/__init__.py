"""What a page is, and corrections on an undo stack."""
