"""Code sources that need no outside system: a pool of single-use codes, and one code for the whole shop."""

from __future__ import annotations

from kit.clock import now_for
from kit.tenancy import current_merchant_id, tenant_transaction
from merchants.models import merchant_of
from programs.actions.stock import take_code
from programs.models import CodePool, Program
from programs.offers import CodeRequest, NoCode


class PoolCodes:
    """The codes were created in the shop and uploaded: taking one asks nobody."""

    def code_for(self, request: CodeRequest) -> str:
        with tenant_transaction():
            program = Program.objects.get(pk=request.program_id)
            now = now_for(merchant_of(current_merchant_id()))
            code = take_code(program=program, purpose=CodePool.Purpose.OFFER, holder=request.claim_id, now=now)
        if code is None:
            raise NoCode("code_pool_empty")
        return code


class ShopCode:
    """The merchant pasted a code that exists in the shop; everybody gets the same."""

    def code_for(self, request: CodeRequest) -> str:
        if not request.shop_code:
            raise NoCode("no_shop_code")
        return request.shop_code
