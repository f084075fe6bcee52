"""The full stack on data that is thrown away, for as long as our standard input stays open.

Servers of its own, never those of the test run: some tests here empty Valkey and kill workers.
"""

from __future__ import annotations

import json
import os
import select
import sys

#: What the test run's own stack has put into the environment; left in, the new stack would use its servers.
NOT_OURS = (
    *("DATABASE_URL", "DATABASE_OWNER_URL", "ADMIN_DATABASE_URL", "REDIS_URL", "MODE", "DATA_DIR", "STATIC_ROOT"),
    *("SECRET_KEY", "CREDENTIALS_KEYS", "PUBLIC_URL", "MAILBOX_DIR", "SHOP_DATA_DIR", "WEB_PORT", "SHOP_PORT"),
    *("PROVIDERS_PORT", "PROVIDERS_URL", "PROVIDER_URL_SHOPIFY", "PROVIDER_URL_WOOCOMMERCE"),
    *("PROVIDER_URL_STRIPE", "PROVIDER_URL_GIFTCARDS"),
)


def main() -> None:
    for name in NOT_OURS:
        os.environ.pop(name, None)
    from ops.addresses import any_port
    from ops.demo import BETWEEN_LOOKS
    from ops.programs import everything_running
    from ops.signals import unwinding
    from ops.stack import throwaway
    from tests import prepared

    with unwinding(), throwaway(mode="demo", durable=True) as stack:
        prepared.tables_of(stack)
        with everything_running(
            stack, world=False, web_port=any_port(), shop_port=any_port(), providers_port=any_port()
        ) as look:
            print(json.dumps(stack.environment), flush=True)
            while not select.select([sys.stdin], [], [], BETWEEN_LOOKS)[0]:
                look()


if __name__ == "__main__":
    main()
