"""Codes that people choose. Pure: whether one is still free is asked elsewhere."""

from __future__ import annotations

import re
import unicodedata

SHORTEST_CODE, LONGEST_CODE = 4, 24
_SPELLED = re.compile(r"[A-Z0-9]+(?:[_-][A-Z0-9]+)*", re.ASCII)
_TOO_LONG_A_NUMBER = re.compile(r"\d{7}")
#: Letters that have a plain spelling of their own beside the one without its dots.
_SPELLINGS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "ẞ": "SS", "Æ": "AE", "Ø": "OE", "Å": "AA", "Œ": "OE"})

_ADDRESSES = """
ACCOUNT ADMIN API ASSETS BRAND CONFIRM DASHBOARD ENTER FAVICON HEALTH HEALTHZ HOOKS HOST-KNOWN INDEX JOIN LOGIN LOGOUT
MAIL MAILBOX OFFER PORTAL REMEMBER ROBOTS SIGN-IN SIGNIN SIGNUP SITEMAP STATIC STYLEGUIDE TERMS
WELL-KNOWN WHO WORKSPACES
"""
_VOICES = """
BANK COMPLAINT CUSTOMERSERVICE GOOGLE HELPDESK HOTLINE KUNDENDIENST KUNDENSERVICE MASTERCARD MICROSOFT OFFICIAL
OFFIZIELL PASSWORD PASSWORT PAYPAL POLICE POLIZEI REFUND SECURITY SUPPORT SYSTEM VERIFIED VISA
"""
_INSIDE = """
ARSCHLOCH ASSHOLE BASTARD BITCH BLOWJOB BULLSHIT CHILDPORN COCKSUCK FAGGOT FICKEN FUCK FOTZE HITLER HURENSOHN KANAKE
MISSGEBURT MOTHERFUCK NAZI NIGGA NIGGER NUTTE PAEDOPHIL PEDOPHIL PORNO SCHEISS SCHLAMPE SCHWUCHTEL SIEGHEIL SPASTI
VERGEWALTIG WHORE WICHSER
"""
_ALONE = """
ANAL ANUS ARSCH ARSE ASS COCK CRAP CUM CUNT DAMN DICK DILDO FAG HELL HOMO HURE KACKE KILL KKK PENIS PISS PORN PUSSY RAPE
SEX SHIT SLUT SPAST SUCK TITS TITTEN TOT TWAT VAGINA WANK
"""
#: First parts of our own addresses: on a merchant's own host a code stands where they do.
ADDRESSES = frozenset(_ADDRESSES.split())
#: What would make a friend believe the shop or somebody's bank is speaking.
VOICES = frozenset(_VOICES.split())
#: Refused wherever they stand, however they are written (0 for O, 3 for E ...). Long enough to stand in no plain word.
INSIDE = frozenset(_INSIDE.split())
#: Refused as a part of their own alone: inside they stand in Essex and Dickens.
ALONE = frozenset(_ALONE.split())
_LEET = str.maketrans("01345789", "OIEASTBG")


class BadSpelling(ValueError):
    """A code that nobody can have. ``reason``: short, long, characters, number, reserved or rude."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean_code(text: str) -> str:
    """In capitals, without blanks around, umlauts written out. Raises BadSpelling."""
    plain = unicodedata.normalize("NFKC", text).strip().upper().translate(_SPELLINGS)
    code = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    code = re.sub(" +", "-", code)
    if len(code) < SHORTEST_CODE:
        raise BadSpelling("short")
    if len(code) > LONGEST_CODE:
        raise BadSpelling("long")
    if not _SPELLED.fullmatch(code):
        raise BadSpelling("characters")
    if code.isdigit() or _TOO_LONG_A_NUMBER.search(code):
        raise BadSpelling("number")  # somebody's telephone, or the number of an order
    if code in ADDRESSES or set(_parts(code)) & VOICES or _joined(code) in ADDRESSES | VOICES:
        raise BadSpelling("reserved")
    if _is_rude(code):
        raise BadSpelling("rude")
    return code


def _is_rude(code: str) -> bool:
    for spelled in (code, code.translate(_LEET)):
        if any(word in _joined(spelled) for word in INSIDE) or set(_parts(spelled)) & ALONE:
            return True
    return False


def _parts(code: str) -> list[str]:
    """Words and numbers by themselves: ASS-10 and ASS10 are read as one word and a number."""
    return re.findall(r"[A-Z]+|\d+", code)


def _joined(code: str) -> str:
    return re.sub(r"[_-]", "", code)
