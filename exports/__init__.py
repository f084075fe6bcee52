"""Lists written down as files: asked for, written by a worker, kept for a week, then removed."""
