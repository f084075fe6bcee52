"""The same rows written by plain SQL: what the same server could do for a program that decides nothing."""
