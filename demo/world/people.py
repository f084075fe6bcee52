"""Who lives in the demo world. All names are made up; addresses end in .example, which nobody can own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from merchants.models import Role

#: Of every log-in of the demo. It is printed at every start, and the demo answers to this machine alone.
PASSWORD = "polarnacht-und-mittsommer"


@dataclass(frozen=True)
class Login:
    email: str
    name: str
    role: Role


OWNER = Login("owner@nordlicht.example", "Ingrid Petersen", Role.OWNER)
COLLEAGUES = (
    Login("admin@nordlicht.example", "Jonas Albrecht", Role.ADMIN),
    Login("marketer@nordlicht.example", "Leila Haddad", Role.MARKETER),
    Login("reviewer@nordlicht.example", "Tom Brandt", Role.REVIEWER),
    Login("finance@nordlicht.example", "Renate Schulz", Role.FINANCE),
    Login("support@nordlicht.example", "Mehmet Kaya", Role.SUPPORT),
    Login("analyst@nordlicht.example", "Sofia Lindqvist", Role.ANALYST),
)
KUMO = Login("owner@kumo.example", "佐藤 愛子", Role.OWNER)
HALCYON = Login("owner@halcyon.example", "Samuel Ortega", Role.OWNER)
NEU = Login("owner@neu.example", "Nele Umland", Role.OWNER)


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    country: str = "DE"

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]

    @property
    def family_name(self) -> str:
        return self.name.split(" ")[-1]


#: Names that try a page's patience, and a person who signed up under two addresses.
LONG_NAME = Person("annika.hohenlohe@post.example", "Annika-Margarethe Hohenlohe-Schillingsfürst")
CHINESE = Person("wang.xiaoming@mail.example", "王小明", "CN")
ARABIC = Person("layla.husseini@mail.example", "ليلى الحسيني", "DE")
TWIN, OTHER_TWIN = (
    Person("katharina.vogel@post.example", "Katharina Vogel"),
    Person("kathi.vogel@web.example", "Katharina Vogel"),
)

FIRST = {
    "de": "Anna Ben Carla David Elif Finn Greta Hannes Ida Jakob Klara Lukas Mia Noah Olga Paul Romy Simon Thea Uwe "
    "Vera Wiebke Yusuf Zoe Birte Malte Svenja Torben Friederike Matthias Nadja Oskar Pia Ralf Sabine Till Ursula "
    "Katrin Jens Heike",
    "ja": "愛 健太 美咲 翔 陽菜 大輔 結衣 直樹 さくら 拓也",
    "en": "Avery Blake Casey Drew Emerson Harper Jordan Kendall Logan Morgan Parker Quinn Reese Sage Taylor",
}
LAST = {
    "de": "Adler Becker Claussen Dietrich Engel Fischer Graf Hansen Iversen Jansen Keller Lorenz Maurer Neumann Otto "
    "Petersen Quast Richter Schmidt Thomsen Ullrich Voigt Wagner Yılmaz Ziegler Brandt Krüger Möller Böhm Jäger "
    "Winkler Scholz Haas Lehmann Kühn Nowak Arslan Sørensen Weiß Ahrens",
    "ja": "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤",
    "en": "Abbott Bennett Calloway Donovan Ellison Foster Granger Hayes Ingram Jensen Kepler Lawson Mercer Novak Ortiz",
}
DOMAINS = ("mail.example", "post.example", "web.example", "brief.example")


def people(language: str, rng: Random, *, country: str) -> Iterator[Person]:
    """Any number of people with different addresses."""
    first, last = FIRST[language].split(), LAST[language].split()
    number = 0
    while True:
        number += 1
        given, family = rng.choice(first), rng.choice(last)
        name = f"{family} {given}" if language == "ja" else f"{given} {family}"
        yield Person(f"{_local(given, family)}{number}@{rng.choice(DOMAINS)}", name, country)


def _local(given: str, family: str) -> str:
    """What is left of the name in plain letters; a word of our own where nothing is."""
    plain = unicodedata.normalize("NFKD", f"{given}.{family}".lower()).encode("ascii", "ignore").decode()
    return plain if plain.strip(".") else "kumo"
