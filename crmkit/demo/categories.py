"""Which category and kind a product of the sample has, told from its code and its description.

The published data set has neither, so both are crmkit's own guess: a table of telling words, the first that fits wins.
It must not know how the sample is stored.
"""

from __future__ import annotations

import re

from attrs import frozen


@frozen(kw_only=True)
class SampleCategory:
    """A category of products: a stable code and its titles in English and Simplified Chinese."""

    code: str
    title: str
    title_zh: str


MAIN = "main"
ADDON = "addon"

# Codes that the shop used for what is not merchandise: postage, carriage, discounts, corrections by hand, charges,
# commissions and the loose pads sold to go with cushions.
ADDON_SKUS = frozenset({"POST", "C2", "DOT", "M", "D", "BANK CHARGES", "CRUK", "PADS"})

_FEES = SampleCategory(code="fees", title="Postage and fees", title_zh="运费与杂费")
_OTHER = SampleCategory(code="other", title="Other", title_zh="其他")

_TABLE: tuple[tuple[SampleCategory, str], ...] = (
    (
        SampleCategory(code="christmas", title="Christmas", title_zh="圣诞用品"),
        "advent angel bauble baubles christmas mistletoe miseltoe noel reindeer rudolph santa sleigh snowflake "
        "snowflakes snowman snowmen stocking tinsel wreath xmas",
    ),
    (
        SampleCategory(code="bags", title="Bags", title_zh="包袋"),
        "bag bags handbag luggage purse rucksack satchel shopper suitcase tote wallet washbag",
    ),
    (
        SampleCategory(code="jewellery", title="Jewellery and accessories", title_zh="首饰与配饰"),
        "bangle bead beads bracelet bracelets brooch choker earring earrings hair jewellery keyring necklace "
        "necklaces neckl pendant pendants ring scarf sunglasses umbrella",
    ),
    (
        SampleCategory(code="lighting", title="Lighting and candles", title_zh="灯饰与蜡烛"),
        "candelabra candle candleholder candlepot candles candlestick chandelier lamp lampshade lantern lanterns "
        "light lights nightlight tealight torch votive",
    ),
    (
        SampleCategory(code="stationery", title="Stationery", title_zh="文具与卡片"),
        "book calendar card cards chalk chalkboard crayons envelope envelopes eraser greeting journal memo notebook "
        "notebooks paper pen pencil pencils pens postcard ribbon ribbons ruler scrapbook sharpener sketchbook stamp "
        "stationery sticker stickers tag tags tape tissue wrap wrapping",
    ),
    (
        SampleCategory(code="garden", title="Garden", title_zh="园艺"),
        "bird birdhouse garden gardeners gardening herb hose parasol plant planter pots rake secateurs seed seeds "
        "shed thermometer trellis trowel watering",
    ),
    (
        SampleCategory(code="toys", title="Toys", title_zh="玩具"),
        "babushka circus craft dinosaur doll dolls dolly dollcraft dominoes feltcraft game games jigsaw kite ludo "
        "marbles playhouse puppet puppets puzzle robot skipping snakes soldier soldiers spinning toy toys yoyo",
    ),
    (
        SampleCategory(code="kitchen", title="Kitchen", title_zh="厨房与餐桌"),
        "apron baking beaker biscuit board bottle bowl bowls bread breakfast cake cakes cakestand cases coaster "
        "coasters coffee cosy cup cups cutlery dinner dish egg flask food fork fridge fruit glass glasses jam jar "
        "jars jelly jug kitchen knife ladle lunch measuring milk mixing mould moulds mug mugs napkin napkins oven "
        "pan pantry picnic plate plates popcorn recipe saucer scales snack spoon spoons storage sugar tea teapot "
        "teacup teacups teaspoons tin tins toast towel towels tray tumbler warmer whisk",
    ),
    (
        SampleCategory(code="party", title="Party", title_zh="派对用品"),
        "balloon balloons birthday bunting confetti easter flag flags garland party streamer",
    ),
    (
        SampleCategory(code="home", title="Home decoration", title_zh="家居装饰"),
        "art basket bathroom blanket block box boxes cabinet ceramic chair clock cover curtain cushion cushions "
        "decoration decorations doily doilies doormat doorstop drawer fabric felt flower flowers frame hanger "
        "hanging heart hearts holder home hook hooks incense knob knobs letter letters magnet magnets mat metal "
        "mirror ornament photo picture pillow quilt rack rug screen shelf sign signs soap stand stool table throw "
        "tile trinket vase wall wicker wood wooden zinc",
    ),
)

_BY_WORD = {word: at for at, (_, words) in reversed(list(enumerate(_TABLE))) for word in words.split()}

CATEGORIES: tuple[SampleCategory, ...] = (*(category for category, _ in _TABLE), _OTHER, _FEES)


def kind_of(sku: str) -> str:
    """Return ``addon`` for postage, fees and corrections, ``main`` for merchandise."""
    return ADDON if sku in ADDON_SKUS else MAIN


def category_of(sku: str, title: str) -> SampleCategory:
    """Return the category of a product by its code and English description."""
    if kind_of(sku) == ADDON:
        return _FEES
    found = [_BY_WORD[word] for word in re.findall(r"[a-z]+", title.lower()) if word in _BY_WORD]
    return _TABLE[min(found)][0] if found else _OTHER
