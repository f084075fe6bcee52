"""What the shop sells. Prices include tax."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    slug: str
    product_id: int
    title: str
    summary: str
    story: str
    price: int  # cents, tax included
    grams: int
    gift_card: bool = False

    @property
    def sku(self) -> str:
        return f"NK-{self.slug.upper()}"

    @property
    def variant_id(self) -> int:
        return self.product_id + 10_000


PRODUCTS = (
    Product(
        slug="polarnacht",
        product_id=710001,
        title="Polarnacht Espresso",
        summary="Dark chocolate, hazelnut, a long winter evening. 500 g.",
        story="Our darkest roast, from two farms in Cerrado, Brazil. It forgives a rushed morning and an old machine.",
        price=1490,
        grams=520,
    ),
    Product(
        slug="mittsommer",
        product_id=710002,
        title="Mittsommer Filter",
        summary="Apricot, jasmine, bright as a June night. 350 g.",
        story="A washed Ethiopian coffee from Guji, roasted light. Grind it coarser than you think and give it time.",
        price=1390,
        grams=370,
    ),
    Product(
        slug="fjord",
        product_id=710003,
        title="Fjord Decaf",
        summary="Caramel and red apple, nothing to keep you awake. 500 g.",
        story="Decaffeinated with spring water in the mountains of Veracruz. Made for the cup after dinner.",
        price=1590,
        grams=520,
    ),
    Product(
        slug="handmuehle",
        product_id=710004,
        title="Hand mill",
        summary="Steel burrs, a beech handle, 30 g in a minute.",
        story="Turned in a workshop in Thuringia. It comes apart without tools, and every part can be bought alone.",
        price=7900,
        grams=640,
    ),
    Product(
        slug="becher",
        product_id=710005,
        title="Two stoneware cups",
        summary="Glazed by hand in night blue, 180 ml each.",
        story="Thrown by Antje in Greifswald. No two are quite the same, and both may go into the dishwasher.",
        price=3250,
        grams=610,
    ),
    Product(
        slug="gutschein",
        product_id=710006,
        title="Gift card",
        summary="25 euro for somebody who drinks coffee.",
        story="Sent by e-mail with the order. Not reduced by codes, and valid for three years.",
        price=2500,
        grams=0,
        gift_card=True,
    ),
)

BY_SLUG = {product.slug: product for product in PRODUCTS}
