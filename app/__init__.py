"""The main window and the command line of General Number Classifier."""
