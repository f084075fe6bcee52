"""What columns are called elsewhere."""

from __future__ import annotations

import pytest

from imports.names import KNOWN, guess

SHOPIFY = ("Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Created at,"
           "Lineitem quantity,Billing Name,Id")  # fmt: skip
FILES = [
    ("orders", SHOPIFY,
     "order_id=Name email=Email name=Billing_Name amount=Subtotal tax=Taxes shipping=Shipping currency=Currency "
     "placed_at=Created_at code=Discount_Code status=Financial_Status"),
    ("customers", "Customer ID,First Name,Last Name,Email,Default Address Country Code,Total Spent,Total Orders",
     "external_id=Customer_ID first_name=First_Name last_name=Last_Name email=Email "
     "country=Default_Address_Country_Code orders=Total_Orders"),
    ("orders", "Order Number,Order Status,Order Date,First Name (Billing),Last Name (Billing),Email (Billing),"
     "Cart Discount Amount,Order Subtotal Amount,Order Total Amount,Coupon Code",
     "order_id=Order_Number status=Order_Status placed_at=Order_Date first_name=First_Name_(Billing) "
     "last_name=Last_Name_(Billing) email=Email_(Billing) amount=Order_Subtotal_Amount code=Coupon_Code"),
    ("orders", "id,orderNumber,customerEmail,customerFirstName,customerLastName,amountTotal,orderDateTime,orderState",
     "order_id=orderNumber email=customerEmail first_name=customerFirstName last_name=customerLastName "
     "amount=amountTotal placed_at=orderDateTime status=orderState"),
    ("orders", "Bestellnummer,E-Mail-Adresse,Vorname,Nachname,Zwischensumme,MwSt.,Versandkosten,Währung,Bestelldatum",
     "order_id=Bestellnummer email=E-Mail-Adresse first_name=Vorname last_name=Nachname amount=Zwischensumme "
     "tax=MwSt. shipping=Versandkosten currency=Währung placed_at=Bestelldatum"),
    ("orders", "Numer zamówienia,Adres e-mail,Imię i nazwisko,Wartość netto,Waluta,Data zamówienia,Kod rabatowy",
     "order_id=Numer_zamówienia email=Adres_e-mail name=Imię_i_nazwisko amount=Wartość_netto currency=Waluta "
     "placed_at=Data_zamówienia code=Kod_rabatowy"),
    ("customers", "Nome,Cognome,Indirizzo e-mail,Numero di ordini,Primo ordine,Codice cliente",
     "first_name=Nome last_name=Cognome email=Indirizzo_e-mail orders=Numero_di_ordini first_paid_at=Primo_ordine "
     "external_id=Codice_cliente"),
    ("customers", "姓名,邮箱,订单数,首单日期,国家/地区,客户编号",
     "name=姓名 email=邮箱 orders=订单数 first_paid_at=首单日期 country=国家/地区 external_id=客户编号"),
    ("codes", "Code,Times Used In Total", "code=Code"),
    ("customers", "Anrede,Kontakt", ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "headers", "told"), FILES)
def test_columns_of_shops_and_languages_are_known(kind: str, headers: str, told: str) -> None:
    found = guess(kind, headers.split(","), tuple(KNOWN[kind]))
    assert found == {name: one.replace("_", " ") for name, one in (pair.split("=") for pair in told.split())}


def test_our_own_names_come_first_and_a_column_stands_for_one_field() -> None:
    assert guess("orders", ["Total", "amount", "Number", "order_id"], ("order_id", "amount")) == {
        "order_id": "order_id",
        "amount": "amount",
    }
    assert guess("customers", ["name"], ("name", "first_name")) == {"name": "name"}
