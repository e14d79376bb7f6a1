"""What every room stands on: errors, the user's folders, files written aside, OpenCV."""
