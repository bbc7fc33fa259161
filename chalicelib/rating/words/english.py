"""English."""

SENTENCES = {
    "flat_fee": "Price per use",
    "pass": "Pass ({once_per_name}{period})",
    "per_unit": "{quantity} {unit} at {unit_price}",
    "within_included": "{used} used, included in the price",
    "started_packages": "{quantity} x {unit_price} per started {size}; {used} used, of which {included} included",
    "tier_units": "{quantity} {unit} at {unit_price} (tier {tier})",
    "tier_flat": "Fixed fee, tier {tier}",
    "tier_share": "{rate} of {quantity} (tier {tier})",
    "volume_tier": "{quantity} {unit}; all {total} at {unit_price} (tier {tier})",
    "capacity": "Highest value {maximum} {unit} at {unit_price}",
    "percentage": "{rate} of {quantity}",
    "percentage_at_least": "{rate} of {quantity}, at least {minimum}",
    "percentage_at_most": "{rate} of {quantity}, at most {maximum_amount}",
    "time_in_state": "{duration} {state_name} at {price} per {per}",
    "state_not_charged": "{duration} {state_name}: not charged",
    "threshold_passed": "More than {above}: {used}",
    "recurring_fee": "Subscription, {price} per {per}; {charged_time} of {length} in {month}",
    "bought_once": "Pass, {price}",
    "time_paid_back": "Paid back: {unused_time} of {bought_time} not used",
    "uses_paid_back": "Paid back: {unused} of {bought} uses not used",
    "minimum_true_up": "Supplement up to the minimum of {minimum}; {charged} used",
    "regret": "Regretted at once: free of charge ({number} of {times} this month)",
    "included_use": "Included use: {number} of {uses}",
    "cap": "Cap per {cap_name} of {limit} reached",
    "best_fare": "Best fare: {best} instead of {own} in {month}, you save {saved}",
    "ceiling": "You have paid the purchase price of {price}; you may keep the product",
    "coupon": "Coupon",
    "reward_for_data": "Thank you for sharing your data",
    "credit": "Credit applied",
    "fault_credit": "Credit, because it was out of order",
    "stated": "{charge_name}, {day}",
    "countered": "Taken back: {charge_name}, {day}",
    "changed": "Changed from {was} to {now}",
}
ASLEEP = "; asleep for {asleep}, which saved {saved}"
PAUSED = "; paused for {paused}, which saved {saved_paused}"
SEATS = "; seats: {seats}"
PART = "; your part: {part} of {parts}, of {whole}"
NAMES = {
    "in_use": "in use",
    "kept": "kept for you",
    "released": "released",
    "faulty": "faulty",
    "grace": "grace period",
    "use": "use",
    "day": "day",
    "week": "week",
    "month": "month",
    "ever": "season",
    "package": "package",
}
CHARGES = {"damage": "Damage", "loss": "Loss", "fine": "Fine", "delivery": "Delivery", "add_on": "Add-on"}
PER = {"s": "second", "min": "minute", "h": "hour", "day": "day", "month": "month"}
TIME = ("h", "min", "s")
DAY = "d"
