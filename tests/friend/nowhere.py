"""A source of codes that breaks in a way nobody thought of."""

from __future__ import annotations

from programs.offers import CodeRequest


class Missing:
    def code_for(self, request: CodeRequest) -> str:
        raise RuntimeError(f"no code for {request.claim_id}")
