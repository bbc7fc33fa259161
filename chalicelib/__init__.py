"""Everything the functions share: one package for each business area."""

import gc
import os

# A cold start makes many objects and no garbage, and looking for some costs a fifth of it. The first answer puts the
# collector back to work (edge/garbage.py). Only in Lambda: elsewhere nobody may ever answer a request.
if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    gc.disable()
