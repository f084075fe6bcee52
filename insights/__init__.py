"""Reads that sum up what happened: selectors only, nothing is written here."""
