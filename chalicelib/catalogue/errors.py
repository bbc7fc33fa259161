"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Invalid, NotFound, TooMuch


class UnknownCode(NotFound):
    """There is nothing with this code."""

    def __init__(self, *, code: str) -> None:
        super().__init__(code=code, **({} if code == code.upper() else {"hint": "codes are in capital letters"}))


class UnknownProduct(NotFound):
    """This partner offers no such product."""


class UnknownAsset(NotFound):
    """This partner has no such asset."""


class UnknownPlace(NotFound):
    """This partner has no such place."""


class UnknownCategory(NotFound):
    """There is no such category."""


class UnknownTakeOut(NotFound):
    """The asset has no such take-out."""


class UnknownTariff(NotFound):
    """The product has no such tariff version."""


class NoTariff(Conflict):
    """The product has no published tariff yet, so nobody can be told its price."""


class CodeTaken(Conflict):
    """Another asset or place carries this code."""


class DeviceTaken(Conflict):
    """Another of your assets has this device."""


class TariffVersionTaken(Conflict):
    """A tariff version was published meanwhile; read the newest one and publish again."""


class ProductChanged(Conflict):
    """Somebody else changed the product meanwhile; read it and try again."""


class PlaceChanged(Conflict):
    """Somebody else changed the place meanwhile; read it and try again."""


class AssetChanged(Conflict):
    """Somebody else changed the asset meanwhile; read it and try again."""


class CategoryChanged(Conflict):
    """Somebody else changed the category or one above it meanwhile; read it and try again."""


class AssetRetired(Conflict):
    """The asset is not on offer any more."""


class AssetTakenOut(Conflict):
    """The asset is being looked after and not on offer now."""


class AssetOffOffer(Conflict):
    """The asset was taken off the offers a moment ago."""


class TooManyTakeOuts(TooMuch):
    """The asset has as many take-outs to come as it may have; end one of them first."""


class BadCatalogueEntry(Invalid):
    """The entry is not valid."""
