"""When what was given or offered runs out. Pure."""

from __future__ import annotations

from datetime import timedelta

from programs.rules import FORMS, PATIENCE_DAYS, Fulfilment, Mechanism

#: How long after its hold a thing waits for the recipient's address.
CLAIM_WITHIN = timedelta(days=90)
#: How long after its hold an unchosen reward waits before it is given as the rule says.
PATIENCE = timedelta(days=PATIENCE_DAYS)
#: How long before the end the recipient is told, once. What lasts no longer than this is not told of.
TOLD_BEFORE = timedelta(days=14)

#: Forms whose use is seen on the orders that carry their code.
CODES = tuple(str(form) for form, row in FORMS.items() if row.mechanism == Mechanism.CODE)
#: Credit whose use is seen because people use it up with us.
OWN_BALANCE = str(Fulfilment.BALANCE)
