"""A program's draft as one form, by section. Fields are named as programs.rules names its problems."""

from referral_saas.dashboard.forms.program.editor import ProgramForm
from referral_saas.dashboard.forms.program.new import NewProgramForm
from referral_saas.dashboard.forms.program.terms import as_typed

__all__ = ["NewProgramForm", "ProgramForm", "as_typed"]
