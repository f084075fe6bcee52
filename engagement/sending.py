"""Hand a letter to Django's mail. A sandbox's mail never leaves the house: it goes to the mailbox."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives, get_connection

from engagement.letters import Letter

MAILBOX = "engagement.mailbox.MailboxBackend"


def send(letter: Letter) -> None:
    """Raises whatever the mail server's refusal raises; the outbox tries again."""
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=letter.sender,
        to=[letter.to],
        reply_to=letter.reply_to or None,
        headers=letter.headers,
        connection=get_connection(MAILBOX if letter.stays_inside else None),
    )
    message.attach_alternative(letter.html, "text/html")
    message.send()
