"""Finance: the month closes, and what it was can be downloaded.

Owns: closes and their progress, exports with their manifest, the trial balance as a view.
Does not own: what an account owes (billing), the entries (ledger), what a line says (rating).
Never: a half-written export that can be seen; an export that is changed; a name or an address in a file.
"""
