"""Access: what a customer does with a thing, from seeing its price to giving it back.

Owns: offers and the map they are found on, quotes, bookings, sessions, whether an asset is taken and who waits
for it, the limits that customers set, need intervals, charge records; what follows of itself: that a thing lies unused,
cases, roughly where it was.
Does not own: what things are (catalogue), what they report (metering), what use costs (rating), who has paid (billing).
Never: more open sessions on an asset than its capacity, or bookings at once; a change to a sealed charge record.
"""
