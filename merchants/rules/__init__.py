"""When a host is a merchant's own."""
