"""What the codes and facts of rated lines say in people's languages; loaded only where words are shown.

Owns: one sentence per code and language, the names of states, periods and units.
Does not own: how a number, an amount or a date is written (the caller's `Formats`), the lines themselves.
Never: an import of rating by these tables; a sentence that computes.
"""
