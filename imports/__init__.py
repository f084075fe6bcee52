"""Files of a merchant taken in: looked at, checked as a whole, written all or not at all, then forgotten."""
