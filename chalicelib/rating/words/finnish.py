"""Finnish: what is put in stands in its basic form, so that no sentence needs an ending on it."""

SENTENCES = {
    "flat_fee": "Käyttökerran hinta",
    "pass": "Kortti ({once_per_name}{period})",
    "per_unit": "{quantity} {unit} à {unit_price}",
    "within_included": "Käytetty {used}, sisältyy hintaan",
    "started_packages": "{quantity} x {unit_price} / alkava {size}; käytetty {used}, josta hintaan sisältyy {included}",
    "tier_units": "{quantity} {unit} à {unit_price} (porras {tier})",
    "tier_flat": "Kiinteä maksu, porras {tier}",
    "tier_share": "{rate} summasta {quantity} (porras {tier})",
    "volume_tier": "{quantity} {unit}; kaikki {total} à {unit_price} (porras {tier})",
    "capacity": "Suurin arvo {maximum} {unit} à {unit_price}",
    "percentage": "{rate} summasta {quantity}",
    "percentage_at_least": "{rate} summasta {quantity}, vähintään {minimum}",
    "percentage_at_most": "{rate} summasta {quantity}, enintään {maximum_amount}",
    "time_in_state": "{duration} {state_name} à {price}/{per}",
    "state_not_charged": "{duration} {state_name}: ei veloiteta",
    "threshold_passed": "Yli {above}: {used}",
    "recurring_fee": "Tilaus, {price}/{per}; {month}: {charged_time} / {length}",
    "bought_once": "Kortti, {price}",
    "time_paid_back": "Palautettu: käyttämättä {unused_time} / {bought_time}",
    "uses_paid_back": "Palautettu: käyttökertoja käyttämättä {unused} / {bought}",
    "minimum_true_up": "Lisäys vähimmäishintaan {minimum}; käytetty {charged}",
    "regret": "Peruttu heti: maksutta (tässä kuussa {number} / {times})",
    "included_use": "Hintaan sisältyvä käyttökerta: {number} / {uses}",
    "cap": "Hintakatto {limit}/{cap_name} on saavutettu",
    "best_fare": "Edullisin hinta, {month}: {best}, ilman sitä {own}; säästät {saved}",
    "ceiling": "Olet maksanut ostohinnan {price}; saat pitää tuotteen",
    "coupon": "Alennuskuponki",
    "reward_for_data": "Kiitos, että jaat tietosi",
    "credit": "Hyvitys vähennetty",
    "fault_credit": "Hyvitys, koska se oli epäkunnossa",
    "stated": "{charge_name}, {day}",
    "countered": "Peruutettu: {charge_name}, {day}",
    "changed": "Muutettu: ennen {was}, nyt {now}",
}
ASLEEP = "; levossa {asleep}, säästö {saved}"
PAUSED = "; tauolla {paused}, säästö {saved_paused}"
SEATS = "; paikkoja: {seats}"
PART = "; osuutesi: {part} / {parts}, kun koko summa on {whole}"
NAMES = {
    "in_use": "käytössä",
    "kept": "sinulle varattuna",
    "released": "vapautettuna",
    "faulty": "epäkunnossa",
    "grace": "joustoaika",
    "use": "käyttökerta",
    "day": "päivä",
    "week": "viikko",
    "month": "kuukausi",
    "ever": "kausi",
    "package": "paketti",
}
CHARGES = {"damage": "Vahinko", "loss": "Katoaminen", "fine": "Sakko", "delivery": "Toimitus", "add_on": "Lisäpalvelu"}
PER = {"s": "sekunti", "min": "minuutti", "h": "tunti", "day": "päivä", "month": "kuukausi"}
TIME = ("t", "min", "s")
DAY = "pv"
