"""Access: what a customer does with a thing, from seeing its price to giving it back.

Owns: offers and the map they are found on, quotes, bookings and calendars, access sessions, whether an asset is taken,
need intervals, charge records.
Does not own: what things are (catalogue), what they report (metering), what use costs (rating), who has paid (billing).
Never: more open sessions on an asset than its capacity, or bookings at once; a change to a sealed charge record.
"""
