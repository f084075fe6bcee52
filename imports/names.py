"""What columns are called elsewhere: in English, German, Polish, Italian and Chinese files, and in exports of shops.

Pure. Names are compared without case, signs and blanks (``plain``); the earlier of two stands for the field more
exactly. What a shop's own export calls misleadingly ("Name" is the order's number there) is told by ``SHOPS``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

PERSON = {
    "email": "email, email address, customer email, billing email, email billing, contact email, user email, mail, "
    "e mail adresse, email adresse, mailadresse, mail adresse, kunden email, email kunde, rechnung email, "
    "adres email, adres e mail, email klienta, mail klienta, indirizzo email, indirizzo e mail, email cliente, "
    "posta elettronica, 电子邮件, 电子邮箱, 邮箱, 邮箱地址, 电子邮件地址, 邮件, 客户邮箱, 买家邮箱",
    "name": "name, full name, customer name, billing name, display name, customer, kundenname, vollständiger name, "
    "vor und nachname, kunde, imię i nazwisko, klient, nazwa klienta, nome e cognome, nome completo, nome cliente, "
    "nominativo, cliente, 姓名, 名称, 客户姓名, 客户名称, 客户, 买家姓名",
    "first_name": "first name, firstname, given name, billing first name, first name billing, customer first name, "
    "vorname, rechnung vorname, imię, nome, 名, 名字",
    "last_name": "last name, lastname, surname, family name, billing last name, last name billing, "
    "customer last name, nachname, familienname, rechnung nachname, nazwisko, cognome, 姓, 姓氏",
}  # fmt: skip
CUSTOMER = PERSON | {
    "country": "country code, country, default address country code, billing country, country code billing, "
    "country region, billing address country, land, ländercode, länderkürzel, rechnung land, kraj, kod kraju, paese, "
    "nazione, codice paese, 国家, 国家代码, 国家 地区, 国家地区",
    "orders": "orders, orders count, total orders, number of orders, order count, paid orders, bestellungen, "
    "anzahl bestellungen, anzahl der bestellungen, aufträge, liczba zamówień, zamówienia, ordini, numero ordini, "
    "numero di ordini, totale ordini, 订单数, 订单数量, 订单总数, 购买次数",
    "first_paid_at": "first paid at, first order, first order date, date of first order, first purchase, "
    "first order at, erste bestellung, datum der ersten bestellung, erstbestellung, erster kauf, pierwsze zamówienie, "
    "data pierwszego zamówienia, primo ordine, data primo ordine, data del primo ordine, 首次下单时间, 首单日期, "
    "首次购买, 首次购买日期, 首次订单日期",
    "external_id": "external id, customer id, customer number, customer no, user id, id, kundennummer, kunden nr, "
    "kunden id, numer klienta, id klienta, codice cliente, id cliente, numero cliente, 客户编号, 客户id, 会员编号, "
    "用户id",
}  # fmt: skip
ADVOCATE = PERSON | {
    "kind": "kind, type, art, typ, rodzaj, tipo, 类型",
    "place": "place, location, branch, store, filiale, ort, standort, team, miejsce, oddział, sede, luogo, 地点, 门店, "
    "分店",
}
ORDER = PERSON | {
    "order_id": "order id, order number, order no, order name, order, number, name of order, document number, id, "
    "bestellnummer, bestell nr, auftragsnummer, auftrag, bestellung, numer zamówienia, nr zamówienia, zamówienie, "
    "numero ordine, numero d ordine, n ordine, ordine, 订单号, 订单编号, 订单",
    "amount": "amount, net amount, net, subtotal, order subtotal, order subtotal amount, amount net, items subtotal, "
    "position price, total net, total, order total, order total amount, amount total, grand total, total price, "
    "nettobetrag, netto, summe netto, zwischensumme, warenwert, betrag, bestellwert, gesamtbetrag, gesamtsumme, summe, "
    "wartość netto, kwota netto, suma częściowa, kwota, wartość, razem, wartość zamówienia, "
    "importo netto, totale netto, subtotale, importo, totale, totale ordine, 净额, 小计, 商品总额, 金额, 订单金额, "
    "总额, 总计",
    "tax": "tax, taxes, vat, tax total, total tax, order total tax amount, order tax, mwst, ust, mehrwertsteuer, "
    "umsatzsteuer, steuer, steuern, podatek, kwota vat, iva, imposte, tasse, 税, 税费, 税额",
    "shipping": "shipping, shipping cost, shipping total, order shipping, order shipping amount, shipping costs, "
    "versand, versandkosten, dostawa, koszt dostawy, koszt wysyłki, spedizione, spese di spedizione, 运费, 配送费",
    "currency": "currency, order currency, currency code, währung, waluta, valuta, 币种, 货币",
    "placed_at": "placed at, order date, order date time, created at, date created, date, purchase date, ordered at, "
    "ordered on, paid at, bestelldatum, bestellzeit, auftragsdatum, datum, bestellt am, data zamówienia, "
    "data złożenia, data, data ordine, data dell ordine, 下单时间, 下单日期, 订单日期, 订单时间, 创建时间, 日期",
    "code": "code, discount code, coupon, coupon code, coupons, coupon codes, coupon items, voucher, voucher code, "
    "promo code, gutscheincode, gutschein, rabattcode, aktionscode, kod rabatowy, kupon, kod kuponu, codice sconto, "
    "coupon sconto, buono, buono sconto, 优惠码, 折扣码, 优惠券, 优惠券代码",
    "status": "status, financial status, payment status, order status, state, order state, bestellstatus, "
    "zahlungsstatus, auftragsstatus, status zamówienia, status płatności, stato, stato ordine, stato pagamento, "
    "状态, 订单状态, 付款状态, 支付状态",
}  # fmt: skip
CODE = {
    "code": "code, codes, discount code, discount codes, coupon code, coupon, voucher, voucher code, promo code, name, "
    "gutscheincode, gutscheincodes, gutschein, rabattcode, kod, kod rabatowy, kupon, codice, codice sconto, buono, "
    "优惠码, 折扣码, 优惠券, 代码",
}
KNOWN: dict[str, dict[str, str]] = {"customers": CUSTOMER, "advocates": ADVOCATE, "orders": ORDER, "codes": CODE}


@dataclass(frozen=True)
class Shop:
    """One shop's own export: known by columns that only it has together."""

    kind: str
    signs: tuple[str, ...]
    mapping: Mapping[str, str]


SHOPS = (
    Shop(
        "orders",
        ("financial status", "lineitem quantity", "discount code"),
        {
            "order_id": "name", "name": "billing name", "email": "email", "amount": "subtotal", "tax": "taxes",
            "shipping": "shipping", "currency": "currency", "placed_at": "created at", "code": "discount code",
            "status": "financial status",
        },
    ),
    Shop(
        "orders",
        ("order number", "order status", "email billing"),
        {
            "order_id": "order number", "first_name": "first name billing", "last_name": "last name billing",
            "email": "email billing", "amount": "order subtotal amount", "tax": "order total tax amount",
            "shipping": "order shipping amount", "placed_at": "order date", "code": "coupon code",
            "status": "order status",
        },
    ),
    Shop(
        "customers",
        ("sales channel id", "customer number", "email"),
        {"external_id": "customer number", "first_name": "first name", "last_name": "last name", "email": "email"},
    ),
    Shop("codes", ("code", "times used in total"), {"code": "code"}),
)  # fmt: skip


def plain(header: str) -> str:
    """As it is compared: "E-Mail_Address" and "emailAddress" are one name."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", header).casefold())


def guess(kind: str, headers: Sequence[str], fields: Collection[str]) -> dict[str, str]:
    """Field -> header. A header stands for one field only, and our own names come first."""
    named: dict[str, str] = {}
    for header in headers:
        named.setdefault(plain(header), header)
    for shop in SHOPS:
        if shop.kind == kind and all(plain(sign) in named for sign in shop.signs):
            told = {field: named.get(plain(name), "") for field, name in shop.mapping.items() if field in fields}
            return {field: header for field, header in told.items() if header}
    return _by_names(KNOWN[kind], named, fields)


def _by_names(known: Mapping[str, str], named: Mapping[str, str], fields: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    own = {field: [plain(field)] for field in known}
    all_names = {field: [plain(name) for name in names.split(",")] for field, names in known.items()}
    for names_of in (own, all_names):
        for field in (one for one in known if one in fields and one not in found):
            free = [name for name in names_of[field] if name in named and named[name] not in found.values()]
            if free:
                found[field] = named[free[0]]
    return {field: found[field] for field in known if field in found}
