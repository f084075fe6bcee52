"""What all adapters of services share: the account they need, whether it is there, and the test button."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from integrations.models import Connection
from integrations.providers import TRY_TIMEOUT, Line, line_to
from integrations.selectors import provider_account
from kit.crypto import CannotUnseal
from rewards.fulfilment import Retryable, Terminal, TestResult, Unknown


class ServiceFulfiller:
    """``needs``: the credential without which this kind of account cannot do it."""

    timeout = TRY_TIMEOUT
    kind: ClassVar[Connection.Kind]
    needs: ClassVar[str]

    def is_ready(self, program_id: UUID) -> bool:
        """Whether an account is connected: a program that promises such rewards is published only then."""
        try:
            return provider_account(self.kind, needs=self.needs) is not None
        except CannotUnseal:
            return False

    def test(self) -> TestResult:
        try:
            return self.test_on(self.line())
        except (Retryable, Terminal, Unknown) as problem:
            return TestResult(problem=problem.reason)

    def test_on(self, line: Line) -> TestResult:
        """The same for one given account. Never raises for what the service answers."""
        try:
            return TestResult(detail=self.probe(line))
        except (Retryable, Terminal, Unknown) as problem:
            return TestResult(problem=problem.reason)

    def probe(self, line: Line) -> str:
        """Ask something harmless that needs the real credentials; returns whose account answered."""
        raise NotImplementedError

    def line(self) -> Line:
        return line_to(self.kind, needs=self.needs)
