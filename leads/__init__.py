"""Leads: people and companies whom somebody recommended and who buy after talking, and how far the talking is."""
