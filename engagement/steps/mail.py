"""Send the mail an outbox row asks for."""

from __future__ import annotations

from uuid import UUID

from engagement.actions.messages import begin_message, note_failed, note_sent
from engagement.sending import send
from kit.clock import now_for
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import merchant_of


@transaction_forbidden
def handle(*, outbox_id: UUID, ref: TenantRef) -> None:
    """Write it down, send it, note it. Run again it sends nothing; a failure raises and the outbox tries again.

    Dying between sending and noting sends it once more, under the same Message-ID.
    """
    merchant = merchant_of(ref)
    letter = in_tenant_transaction(ref, lambda: begin_message(outbox_id=outbox_id, now=now_for(merchant)))
    if letter is None:
        return
    try:
        send(letter)
    except Exception as error:
        reason = type(error).__name__
        in_tenant_transaction(ref, lambda: note_failed(message_id=letter.message_id, reason=reason))
        raise
    in_tenant_transaction(ref, lambda: note_sent(message_id=letter.message_id, now=now_for(merchant)))
