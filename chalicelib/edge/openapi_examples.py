"""An example of each body that a door takes, by the name of its shape; each is tried against its schema."""

from typing import Any

_PLACE = {"name": "Harbour", "latitude": "60.1554", "longitude": "24.9503", "capacity": 30}
_OWNING = {"purchase_price": "600.00", "life_days": 1825, "worth_after": "50.00", "upkeep_per_year": "90.00"}
_CARD = {"what": "seconds in use, measured by the bike", "why": "is what the ride is charged by", "kept_days": 1830}
_PRODUCT = {
    "name": "City bike",
    "category": "bikes",
    "zone": "Europe/Helsinki",
    "data_card": [_CARD],
    "owning": _OWNING,
}
_ASSET = {"product_id": "city-bike", "code": "BIKE-1", "place_id": "harbour"}
_TARIFF = {
    "currency": "EUR",
    "tax_inclusive": True,
    "meters": [{"name": "use_seconds", "unit": "s"}],
    "prices": [
        {"id": "unlock", "kind": "flat", "amount": "0.50"},
        {"id": "time", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.0005"},
    ],
    "caps": [{"id": "day", "period": "day", "amount": "9.00", "over": ["unlock", "time"]}],
}
_USED = {"meter": "use_seconds", "value": "2400"}
_EVENT = {
    "specversion": "1.0",
    "id": "ride-1-measured",
    "source": "/harbour/bikes",
    "type": "adgang.usage.v1",
    "subject": "ses_01jx3c5d7f9h1k3m5p7r9t1v3x",
    "time": "2021-05-31T20:40:00Z",
    "data": _USED,
}
_CHANGE = {"change_id": "chg-2021-05-31-1", "reason": "the meter was read wrongly"}
_HOUR = {"started_at": "2021-05-31T20:00:00Z", "ended_at": "2021-05-31T21:00:00Z"}
_USES = [{"customer": "one", "uses": [{**_HOUR, "quantities": {"use_seconds": "2400"}}]}]
_TRIED = {"product_id": "city-bike", "version": 1}
_QUOTE = "eyJhbGciOiJIUzI1NiJ9.eyJxdW90ZV9pZCI6InF1b18xIn0.c2lnbmVk"
_FEE = {"id": "fee", "kind": "recurring", "charge_class": "ordered", "amount": "9.00", "per": "month"}
_PLAN = {
    "names": {"da": "Cykelmedlem", "en": "Bike member"},
    "terms_version": "2021-05",
    "fee": {"currency": "EUR", "prices": [_FEE]},
    "fares": {"par_01jx3c5d7f9h1k3m5p7r9t1v3x:city-bike": "members"},
    "asleep_after_days": 30,
}
_READ = {"version": "2021-05", "language": "da", "sha256": "9f" * 32}
EXAMPLES: dict[str, Any] = {
    "SignUpBody": {"terms_version": "1", "language": "sv"},
    "QuoteBody": {"code": "BIKE-1", "need": {"use_seconds": "2400"}},
    "StartBody": {"code": "BIKE-1", "quote": _QUOTE},
    "HandOutBody": {"code": "BIKE-1"},
    "StopBody": {"cost": "5.00"},
    "ScanBody": {"code": "BIKE-1", "start": True, "worst_case_up_to": "9.00"},
    "ShowBody": {"requires": "age:18", "proof": "prf_1"},
    "ConsentBody": {"version": "1"},
    "LimitsBody": {"most_open": 2, "day": {"amount": "20.00"}, "month": {"amount": "150.00", "hard": False}},
    "BillingDetailsBody": {"name": "Firm Oy", "address": ["Kaivokatu 1", "00100 Helsinki"], "country": "FI"},
    "OpenAccountBody": {"kind": "family", "name": "Home", "terms_version": "1"},
    "AccountBody": {"name": "Home"},
    "InviteBody": {"role": "member", "name": "Eero", "day": "20.00", "days": 7},
    "MemberBody": {"role": "member", "name": "Eero", "month": "100.00"},
    "OwnerBody": {"to": "cus_01jx3c5d7f9h1k3m5p7r9t1v3x", "role": "member"},
    "LookBody": {"invitation": _QUOTE},
    "AcceptBody": {"invitation": _QUOTE, "language": "sv"},
    "LinkBody": {"link": _QUOTE},
    "MoneyBackBody": {"as": "credit"},
    "TopUpBody": {"amount": "20.00", "partner": "par_01jx3c5d7f9h1k3m5p7r9t1v3x"},
    "RedeemBody": {"code": "6F1C9B2A7D3E48A05B1C2D3E-JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"},
    "CreditBody": {"amount": "5.00", "reason": "a wet saddle", "valid_until": "2021-09-01T00:00:00Z"},
    "GiftBody": {"amount": "10.00", "valid_until": "2021-12-31T00:00:00Z"},
    "NamedSellerBody": {"seller_id": "fi"},
    "TermBody": {"days": 14, "email": "ap@example.com", "note": "framework contract of June"},
    "SellerBody": {
        "name": "Adgang Oy",
        "address": ["Kaivokatu 1", "00100 Helsinki"],
        "country": "FI",
        "vat_number": "FI12345678",
        "invoice_prefix": "A-",
        "credit_note_prefix": "AC-",
        "default": True,
    },
    "RefundBody": {"invoice_id": "acc-1:2021-05:1", "amount": "2.50", "reason": "a wet saddle"},
    "SharingBody": {"weight": 1, "own_weight": 2},
    "InvitationBody": {"invitation": _QUOTE},
    "JoinBody": {"invitation": _QUOTE, "most": "10.00"},
    "TransferBody": {"code": "BIKE-2", "reason": "faulty"},
    "BookingQuoteBody": {"from": "2021-06-01T08:00:00Z", "until": "2021-06-01T10:00:00Z", "code": "VAN-1"},
    "BookBody": {"quote": _QUOTE},
    "BookingCodeBody": {"code": "VAN-1"},
    "WaitBody": {"code": "BIKE-1"},
    "PolicyBody": {"at": "threshold", "threshold": "20.00"},
    "OwnPolicyBody": {"at": "session_end"},
    "SwitchBody": {"stopped": True, "note": "sums on bills that nobody can explain"},
    "ChargeBody": {
        "session_id": "ses_01jx3c5d7f9h1k3m5p7r9t1v3x",
        "kind": "damage",
        "amount": "85.00",
        "description": {"en": "Front wheel bent", "sv": "Framhjulet är böjt"},
        "happened_at": "2021-05-31T20:30:00Z",
    },
    "EvidenceBody": {"sha256": "9f" * 32, "content_type": "image/jpeg", "bytes": 182044},
    "WithdrawBody": {"note": "charged by mistake"},
    "CounterBody": {"amount": "20.00", "note": "the part was found"},
    "ObjectionBody": {"reason": "was_so_before", "text": "It was bent when I took it."},
    "DecisionBody": {"decision": "reduced", "amount": "50.00", "note": "half of it is wear"},
    "PlaceBody": _PLACE,
    "PlacesBody": {"places": [{"place_id": "harbour", **_PLACE}]},
    "ProductBody": _PRODUCT,
    "ProductsBody": {"products": [{"product_id": "city-bike", **_PRODUCT}]},
    "TariffRules": _TARIFF,
    "AssetBody": _ASSET,
    "AssetsBody": {"assets": [{"asset_id": "bike-1", **_ASSET}]},
    "TakeOutBody": {"reason": "tyres", "until": "2021-06-02T08:00:00Z"},
    "StreamBody": {"asset": "bike-1", "customer": "ent_01jx3c5d7f9h1k3m5p7r9t1v3x", "stream": "tv"},
    "NoteBody": {"note": "paid by bank transfer"},
    "CloseBody": {"note": "looked at", "put_back": True},
    "CloudEvent": _EVENT,
    "list": [_EVENT],
    "SignalsBody": {"readings": [{"id": "reading-1", "time": "2021-05-31T20:40:00Z", **_USED}]},
    "VoidBody": _CHANGE,
    "AmendBody": {**_CHANGE, "data": _USED},
    "BackfillBody": {
        **_CHANGE,
        "subject": _EVENT["subject"],
        "from": "2021-05-31T20:00:00Z",
        "to": "2021-05-31T21:00:00Z",
        "events": [_EVENT],
    },
    "LimitBody": {"most": "36000", "hard": True},
    "MeterBody": {"kind": "sum", "unit": "km", "dimensions": {"gear": True}},
    "KeyBody": {"label": "second"},
    "SimulationBody": {"tariff": _TARIFF, "now": _TRIED, "customers": _USES},
    "AnySimulationBody": {"tariff": _TARIFF, "customers": _USES},
    "PartnerBody": {"name": "City bikes"},
    "ReleaseBody": {"note": "looked at"},
    "ReopeningBody": {"note": "a tariff was stated wrongly"},
    "FareCapsBody": {"caps": [{"id": "bikes", "period": "day", "amount": "12.00", "category": "bikes"}]},
    "CategoryBody": {"names": {"en": "Bikes", "da": "Cykler"}, "parent": "vehicles"},
    "MonthBody": {"month": "2021-05"},
    "PlanTermsBody": {"texts": {"da": "Vær god ved cyklerne.", "en": "Be kind to bikes."}},
    "PlanBody": _PLAN,
    "SubscribeBody": {"plan_id": "member", "plan_version": 1, "terms": _READ, "seats": 2},
    "PauseBody": {"from": "2021-07-01T00:00:00Z", "until": "2021-08-01T00:00:00Z"},
    "ChangeBody": {"plan_id": "family", "plan_version": 3, "at": "2021-07-01T00:00:00Z", "terms": _READ},
    "EndBody": {"why": "moved_away"},
    "WithdrawalBody": {"name": "Aino Virtanen", "contact": "aino@example.com", "language": "fi"},
    "AnnouncementBody": {"holds_from": "2021-07-31T21:00:00Z", "reason": "Repairs cost more than they did."},
    "ShareBody": {"tiers": [{"percent": "70", "up_to": "1000.00"}, {"percent": "80"}], "minimum": "50.00"},
    "TaxRatesBody": {"rates": [{"percent": "14", "category": "books"}, {"percent": "25.5"}]},
    "PayoutBody": {"return_url": "https://bikes.example/done", "refresh_url": "https://bikes.example/again"},
}
