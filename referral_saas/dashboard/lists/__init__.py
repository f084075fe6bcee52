"""Every list of the dashboard that can be taken along as a file, one definition each."""
