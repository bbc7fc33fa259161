"""German."""

SENTENCES = {
    "flat_fee": "Preis pro Nutzung",
    "pass": "Pass ({once_per_name}{period})",
    "per_unit": "{quantity} {unit} zu je {unit_price}",
    "within_included": "{used} genutzt, im Preis enthalten",
    "started_packages": "{quantity} x {unit_price} je angefangene {size}; {used} genutzt, davon {included} enthalten",
    "tier_units": "{quantity} {unit} zu je {unit_price} (Stufe {tier})",
    "tier_flat": "Festbetrag, Stufe {tier}",
    "tier_share": "{rate} von {quantity} (Stufe {tier})",
    "volume_tier": "{quantity} {unit}; alle {total} zu je {unit_price} (Stufe {tier})",
    "capacity": "Höchster Wert {maximum} {unit} zu je {unit_price}",
    "percentage": "{rate} von {quantity}",
    "percentage_at_least": "{rate} von {quantity}, mindestens {minimum}",
    "percentage_at_most": "{rate} von {quantity}, höchstens {maximum_amount}",
    "time_in_state": "{duration} {state_name} zu {price} pro {per}",
    "state_not_charged": "{duration} {state_name}: kostenlos",
    "threshold_passed": "Mehr als {above}: {used}",
    "recurring_fee": "Abonnement, {price} pro {per}; {charged_time} von {length} im {month}",
    "bought_once": "Pass, {price}",
    "time_paid_back": "Erstattet: {unused_time} von {bought_time} nicht genutzt",
    "uses_paid_back": "Erstattet: {unused} von {bought} Nutzungen nicht verbraucht",
    "minimum_true_up": "Zuschlag bis zum Mindestbetrag von {minimum}; genutzt für {charged}",
    "regret": "Sofort wieder beendet: kostenlos ({number} von {times} in diesem Monat)",
    "included_use": "Enthaltene Nutzung: {number} von {uses}",
    "cap": "Höchstpreis pro {cap_name} von {limit} erreicht",
    "best_fare": "Bestpreis: {best} statt {own} im {month}, Sie sparen {saved}",
    "ceiling": "Sie haben den Kaufpreis von {price} bezahlt; Sie dürfen das Produkt behalten",
    "coupon": "Rabattgutschein",
    "reward_for_data": "Danke, dass Sie Ihre Daten teilen",
    "credit": "Guthaben verrechnet",
    "fault_credit": "Gutschrift, weil es defekt war",
    "stated": "{charge_name}, {day}",
    "countered": "Zurückgenommen: {charge_name}, {day}",
    "changed": "Geändert von {was} auf {now}",
}
ASLEEP = "; im Ruhezustand für {asleep}, dadurch {saved} gespart"
PAUSED = "; pausiert für {paused}, dadurch {saved_paused} gespart"
SEATS = "; Plätze: {seats}"
PART = "; Ihr Anteil: {part} von {parts}, von {whole}"
NAMES = {
    "in_use": "in Benutzung",
    "kept": "für Sie reserviert",
    "released": "freigegeben",
    "faulty": "defekt",
    "grace": "Karenzzeit",
    "use": "Nutzung",
    "day": "Tag",
    "week": "Woche",
    "month": "Monat",
    "ever": "Saison",
    "package": "Paket",
}
CHARGES = {
    "damage": "Schaden",
    "loss": "Verlust",
    "fine": "Bußgeld",
    "delivery": "Lieferung",
    "add_on": "Zusatzleistung",
}
PER = {"s": "Sekunde", "min": "Minute", "h": "Stunde", "day": "Tag", "month": "Monat"}
TIME = ("Std.", "Min.", "Sek.")
DAY = "Tg."
