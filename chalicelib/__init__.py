"""Everything the functions share: one package for each business area."""
