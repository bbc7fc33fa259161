"""Dutch."""

SENTENCES = {
    "flat_fee": "Prijs per gebruik",
    "pass": "Pas ({once_per_name}{period})",
    "per_unit": "{quantity} {unit} à {unit_price}",
    "within_included": "{used} gebruikt, inbegrepen in de prijs",
    "started_packages": "{quantity} x {unit_price} per begonnen {size}; {used} gebruikt, waarvan {included} inbegrepen",
    "tier_units": "{quantity} {unit} à {unit_price} (trede {tier})",
    "tier_flat": "Vast bedrag, trede {tier}",
    "tier_share": "{rate} van {quantity} (trede {tier})",
    "volume_tier": "{quantity} {unit}; alle {total} à {unit_price} (trede {tier})",
    "capacity": "Hoogste waarde {maximum} {unit} à {unit_price}",
    "percentage": "{rate} van {quantity}",
    "percentage_at_least": "{rate} van {quantity}, minimaal {minimum}",
    "percentage_at_most": "{rate} van {quantity}, maximaal {maximum_amount}",
    "time_in_state": "{duration} {state_name} à {price} per {per}",
    "state_not_charged": "{duration} {state_name}: kost niets",
    "threshold_passed": "Meer dan {above}: {used}",
    "recurring_fee": "Abonnement, {price} per {per}; {charged_time} van {length} in {month}",
    "bought_once": "Pas, {price}",
    "time_paid_back": "Terugbetaald: {unused_time} van {bought_time} niet gebruikt",
    "uses_paid_back": "Terugbetaald: {unused} van {bought} keer niet gebruikt",
    "minimum_true_up": "Aanvulling tot het minimum van {minimum}; gebruikt voor {charged}",
    "regret": "Binnen de bedenktijd gestopt: gratis ({number} van {times} deze maand)",
    "included_use": "Inbegrepen gebruik: {number} van {uses}",
    "cap": "Maximum per {cap_name} van {limit} bereikt",
    "best_fare": "Beste prijs: {best} in plaats van {own} in {month}, je bespaart {saved}",
    "ceiling": "Je hebt de aankoopprijs van {price} betaald; je mag het product houden",
    "coupon": "Kortingsbon",
    "reward_for_data": "Bedankt voor het delen van je gegevens",
    "credit": "Tegoed verrekend",
    "fault_credit": "Tegoed, omdat het defect was",
    "stated": "{charge_name}, {day}",
    "countered": "Teruggenomen: {charge_name}, {day}",
    "changed": "Gewijzigd van {was} naar {now}",
}
ASLEEP = "; {asleep} in rust, bespaard {saved}"
PAUSED = "; {paused} gepauzeerd, bespaard {saved_paused}"
SEATS = "; plaatsen: {seats}"
PART = "; jouw deel: {part} van {parts}, van {whole}"
NAMES = {
    "in_use": "in gebruik",
    "kept": "voor je gereserveerd",
    "released": "vrijgegeven",
    "faulty": "defect",
    "grace": "respijt",
    "use": "gebruik",
    "day": "dag",
    "week": "week",
    "month": "maand",
    "ever": "seizoen",
    "package": "pakket",
}
CHARGES = {"damage": "Schade", "loss": "Verlies", "fine": "Boete", "delivery": "Bezorging", "add_on": "Extra"}
PER = {"s": "seconde", "min": "minuut", "h": "uur", "day": "dag", "month": "maand"}
TIME = ("u", "min", "s")
DAY = "d"
