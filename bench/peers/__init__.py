"""Two published Django packages that count clicks on referral links, each in an environment of its own."""
