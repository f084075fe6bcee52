"""The launcher: environment, private Postgres and Valkey, supervision. No part of the product imports it."""
