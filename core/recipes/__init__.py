"""What can be trained and how strongly: configurations that check themselves."""
