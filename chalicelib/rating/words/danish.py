"""Danish."""

SENTENCES = {
    "flat_fee": "Pris pr. brug",
    "pass": "Kort ({once_per_name}{period})",
    "per_unit": "{quantity} {unit} à {unit_price}",
    "within_included": "{used} brugt, inkluderet i prisen",
    "started_packages": "{quantity} x {unit_price} pr. påbegyndt {size}; {used} brugt, heraf {included} inkluderet",
    "tier_units": "{quantity} {unit} à {unit_price} (trin {tier})",
    "tier_flat": "Fast gebyr, trin {tier}",
    "tier_share": "{rate} af {quantity} (trin {tier})",
    "volume_tier": "{quantity} {unit}; alle {total} à {unit_price} (trin {tier})",
    "capacity": "Højeste værdi {maximum} {unit} à {unit_price}",
    "percentage": "{rate} af {quantity}",
    "percentage_at_least": "{rate} af {quantity}, mindst {minimum}",
    "percentage_at_most": "{rate} af {quantity}, højst {maximum_amount}",
    "time_in_state": "{duration} {state_name} à {price} pr. {per}",
    "state_not_charged": "{duration} {state_name}: koster intet",
    "threshold_passed": "Over {above}: {used}",
    "recurring_fee": "Abonnement, {price} pr. {per}; {charged_time} af {length} i {month}",
    "bought_once": "Kort, {price}",
    "time_paid_back": "Tilbagebetalt: {unused_time} af {bought_time} ikke brugt",
    "uses_paid_back": "Tilbagebetalt: {unused} af {bought} gange ikke brugt",
    "minimum_true_up": "Tillæg op til mindsteprisen {minimum}; brugt for {charged}",
    "regret": "Fortrudt med det samme: gratis ({number} af {times} denne måned)",
    "included_use": "Inkluderet brug: {number} af {uses}",
    "cap": "Loftet pr. {cap_name} på {limit} er nået",
    "best_fare": "Bedste pris: {best} i stedet for {own} i {month}, du sparer {saved}",
    "ceiling": "Du har betalt købsprisen på {price}; du må beholde produktet",
    "coupon": "Rabatkupon",
    "reward_for_data": "Tak, fordi du deler dine data",
    "credit": "Kredit modregnet",
    "fault_credit": "Kredit, fordi den var defekt",
    "stated": "{charge_name}, {day}",
    "countered": "Tilbageført: {charge_name}, {day}",
    "changed": "Ændret fra {was} til {now}",
}
ASLEEP = "; i dvale i {asleep}, sparet {saved}"
PAUSED = "; på pause i {paused}, sparet {saved_paused}"
SEATS = "; pladser: {seats}"
PART = "; din del: {part} af {parts}, af {whole}"
NAMES = {
    "in_use": "i brug",
    "kept": "reserveret til dig",
    "released": "frigivet",
    "faulty": "defekt",
    "grace": "respit",
    "use": "brug",
    "day": "dag",
    "week": "uge",
    "month": "måned",
    "ever": "sæson",
    "package": "pakke",
}
CHARGES = {"damage": "Skade", "loss": "Tab", "fine": "Bøde", "delivery": "Levering", "add_on": "Tilvalg"}
PER = {"s": "sekund", "min": "minut", "h": "time", "day": "dag", "month": "måned"}
TIME = ("t", "min", "sek")
DAY = "d"
