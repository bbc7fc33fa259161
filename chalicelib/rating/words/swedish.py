"""Swedish."""

SENTENCES = {
    "flat_fee": "Pris per användning",
    "pass": "Kort ({once_per_name}{period})",
    "per_unit": "{quantity} {unit} à {unit_price}",
    "within_included": "{used} använt, ingår i priset",
    "started_packages": "{quantity} x {unit_price} per påbörjad {size}; {used} använt, varav {included} ingår",
    "tier_units": "{quantity} {unit} à {unit_price} (steg {tier})",
    "tier_flat": "Fast avgift, steg {tier}",
    "tier_share": "{rate} av {quantity} (steg {tier})",
    "volume_tier": "{quantity} {unit}; alla {total} à {unit_price} (steg {tier})",
    "capacity": "Högsta värde {maximum} {unit} à {unit_price}",
    "percentage": "{rate} av {quantity}",
    "percentage_at_least": "{rate} av {quantity}, minst {minimum}",
    "percentage_at_most": "{rate} av {quantity}, högst {maximum_amount}",
    "time_in_state": "{duration} {state_name} à {price} per {per}",
    "state_not_charged": "{duration} {state_name}: kostar ingenting",
    "threshold_passed": "Över {above}: {used}",
    "recurring_fee": "Abonnemang, {price} per {per}; {charged_time} av {length} i {month}",
    "bought_once": "Kort, {price}",
    "time_paid_back": "Återbetalt: {unused_time} av {bought_time} ej använt",
    "uses_paid_back": "Återbetalt: {unused} av {bought} gånger ej använda",
    "minimum_true_up": "Tillägg upp till minimibeloppet {minimum}; använt för {charged}",
    "regret": "Ångrat direkt: kostnadsfritt ({number} av {times} denna månad)",
    "included_use": "Användning som ingår: {number} av {uses}",
    "cap": "Taket per {cap_name} på {limit} är nått",
    "best_fare": "Bästa pris: {best} i stället för {own} i {month}, du sparar {saved}",
    "ceiling": "Du har betalat inköpspriset {price}; du får behålla produkten",
    "coupon": "Rabattkupong",
    "reward_for_data": "Tack för att du delar dina data",
    "credit": "Tillgodohavande avräknat",
    "fault_credit": "Kredit, eftersom den var ur funktion",
    "stated": "{charge_name}, {day}",
    "countered": "Återtaget: {charge_name}, {day}",
    "changed": "Ändrat från {was} till {now}",
}
ASLEEP = "; i vila i {asleep}, sparat {saved}"
PAUSED = "; pausat i {paused}, sparat {saved_paused}"
SEATS = "; platser: {seats}"
PART = "; din del: {part} av {parts}, av {whole}"
NAMES = {
    "in_use": "i användning",
    "kept": "reserverad åt dig",
    "released": "frigiven",
    "faulty": "ur funktion",
    "grace": "respit",
    "use": "användning",
    "day": "dag",
    "week": "vecka",
    "month": "månad",
    "ever": "säsong",
    "package": "paket",
}
CHARGES = {"damage": "Skada", "loss": "Förlust", "fine": "Böter", "delivery": "Leverans", "add_on": "Tillval"}
PER = {"s": "sekund", "min": "minut", "h": "timme", "day": "dag", "month": "månad"}
TIME = ("tim", "min", "sek")
DAY = "d"
