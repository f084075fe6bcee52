"""What a link is called: each channel and placement has one of its own, so the name says whom it was given to."""

from __future__ import annotations

from advocates.models import Link


def share_name(link: Link) -> str:
    """The place it was made for, else the way it is shared: "Podcast Morgenkaffee", "WhatsApp"."""
    return link.placement or str(link.get_channel_display())
