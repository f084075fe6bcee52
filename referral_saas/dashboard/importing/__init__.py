"""The files that the dashboard takes in: what a row of each may say, and what is done with it."""
