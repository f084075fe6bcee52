"""The control plane, written down: the tables that carry ``merchant_id`` or stand alone without a tenant policy.

A test walks Postgres' own catalogue and fails for every other table without a forced policy. None of these may hold
a secret or a customer's data (tokens are hashed or signed).
"""

CONTROL_TABLES = {
    "merchants_merchant": "which workspaces exist",
    "merchants_membership": "which user may enter which workspace",
    "merchants_invitation": "who was invited to which team (no token is stored)",
    "merchants_wakeup": "which merchant has work due",
    "merchants_deletedworkspace": "that a workspace was deleted, when, and how many rows",
    "tracking_strayentry": "what the stream of clicks holds that belongs to no merchant we know",
}

#: Read by everybody before the tenant is known, written by the own tenant: per-command policies.
DOOR_TABLES = {"merchants_door"}
