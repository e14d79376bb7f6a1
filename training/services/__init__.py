"""QObjects in front of threads and child processes."""
