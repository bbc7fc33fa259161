"""At how many points a close was killed and resumed, and after how many of them a byte was another one."""

from chalicelib.storage.record import Database
from infra.local.engine import MOTO, Engine
from tests.benchmarks import AtLeast, Exactly, Figures, Targets
from tests.faults.close_campaign import every

TARGETS: Targets = {"finance.fault_points": AtLeast(40), "finance.fault_points_wrong": Exactly(0)}


def figures() -> Figures:
    """Killed before and after every write, send and file."""
    engine = Engine(MOTO).start()
    Database.forget()
    try:
        points, tried = every(step=1)
        differing = [bool(differences) for _, differences in tried]
    finally:
        engine.stop()
        Database.forget()
        Database.prefix = None
    return {
        "finance.fault_points": float(len(points)),
        "finance.fault_cases": float(len(differing)),
        "finance.fault_points_wrong": float(sum(differing)),
    }
