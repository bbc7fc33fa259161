"""At how many points of four accounts' months something was broken, and after how many the books disagreed."""

import os

from chalicelib.storage.record import Database
from infra.local.engine import MOTO, Engine
from tests.benchmarks import AtLeast, Exactly, Figures, Targets
from tests.faults.money_campaign import every
from tests.faults.money_stories import FOUR, STORIES

TARGETS: Targets = {"billing.fault_points": AtLeast(250), "billing.fault_points_wrong": Exactly(0)}


def figures() -> Figures:
    """As `make test` does it: every point, each fault that is not the same as another."""
    engine, before = Engine(MOTO).start(), sum(os.times()[:4])
    Database.forget()
    points = cases = wrong = 0
    try:
        for name in FOUR:
            found, tried = every(STORIES[name], thorough=False)
            differing = [bool(differences) for _, differences in tried]
            points, cases, wrong = points + len(found), cases + len(differing), wrong + sum(differing)
    finally:
        engine.stop()
        Database.forget()
        Database.prefix = None
    return {
        "billing.fault_points": float(points),
        "billing.fault_cases": float(cases),
        "billing.fault_points_wrong": float(wrong),
        "billing.fault_cpu_s": sum(os.times()[:4]) - before,
    }
