"""Where pictures come from: cameras, streams and video files, opened and read in a thread of their own."""
