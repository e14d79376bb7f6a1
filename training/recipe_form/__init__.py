"""A recipe being edited: the draft, its editors, the form."""
