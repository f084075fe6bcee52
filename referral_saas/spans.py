"""How long things are kept, as the environment says it. Read by settings, which hands the numbers out."""

from __future__ import annotations

from kit.env import Environment


def days(env: Environment) -> tuple[int, int, int]:
    """CLICK_RETENTION_DAYS, WORKSPACE_CLOSING_DAYS, ERASED_MARK_DAYS."""
    clicks = env.integer(
        "CLICK_RETENTION_DAYS",
        default=400,
        least=31,
        most=4000,
        help="Days that single clicks are kept; `manage.py drop_click_partitions` then drops their month. "
        "Figures stay.",
    )
    closing = env.integer(
        "WORKSPACE_CLOSING_DAYS",
        default=30,
        least=1,
        most=365,
        help="Days from an owner asking for a workspace to be deleted until it is; what was promised is given then.",
    )
    marks = env.integer(
        "ERASED_MARK_DAYS",
        default=730,
        least=0,
        most=3650,
        help="Days that a keyed hash of an erased person's address is kept, against a second offer. 0: never.",
    )
    return clicks, closing, marks
