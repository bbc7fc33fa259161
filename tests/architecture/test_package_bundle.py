"""What goes into a package and what stays out, and that the same input gives the same bytes."""

import importlib.util
import sys
import zipfile
from pathlib import Path

import pytest

from infra.bundle import keeps, rebuild
from infra.doors import DOORS, door

SOURCE = '"""A module."""\n\nLEGS = {"spider": 8, "bee": 6}\nINSECTS = frozenset({"bee", "wasp", "ant"})\n'
PACKED_BY_CHALICE = {
    "app.py": "import chalicelib.legs\n",
    "chalicelib/__init__.py": "",
    "chalicelib/legs.py": SOURCE,
    "chalicelib/wings.py": SOURCE,
    "chalicelib/__pycache__/legs.cpython-39.pyc": "stale",
    "stripe/__init__.py": SOURCE,
    "msgspec/_core.cpython-311-x86_64-linux-gnu.so": "machine code",
    "botocore/data/ec2/2016-11-15/service-2.json.gz": "a megabyte",
    "botocore/data/dynamodb/2012-08-10/service-2.json.gz": "needed",
    "botocore-1.0.dist-info/METADATA": "Name: botocore\nVersion: 1.0\n",
    "botocore-1.0.dist-info/RECORD": "a list of files that are not there any more",
}


@pytest.fixture
def chalice_zip(tmp_path: Path) -> Path:
    """A small package as Chalice writes it."""
    path = tmp_path / "chalice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in PACKED_BY_CHALICE.items():
            archive.writestr(name, content)
    return path


def names(path: Path) -> list[str]:
    """What a zip holds, in its order."""
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_the_same_input_gives_the_same_bytes(chalice_zip: Path, tmp_path: Path) -> None:
    """
    Whoever has the sources can check what is deployed. Place and time of the packing leave no trace.
    """
    rebuild(chalice_zip, tmp_path / "here", tmp_path / "one.zip", door("mobile"))
    rebuild(chalice_zip, tmp_path / "somewhere" / "else", tmp_path / "two.zip", door("mobile"))

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_bytecode_goes_along_and_is_never_compared_with_its_source(chalice_zip: Path, tmp_path: Path) -> None:
    """
    Flag 1 in the second word of a .pyc: by hash, unchecked. The source stays, for tracebacks.
    """
    rebuild(chalice_zip, tmp_path / "work", tmp_path / "out.zip", door("mobile"))

    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        bytecode = archive.read(f"chalicelib/__pycache__/legs.{sys.implementation.cache_tag}.pyc")
    assert bytecode[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(bytecode[4:8], "little") == 1
    assert "chalicelib/legs.py" in names(tmp_path / "out.zip")
    assert not [each for each in names(tmp_path / "out.zip") if "wings" in each]
    assert "chalicelib/__pycache__/legs.cpython-39.pyc" not in names(tmp_path / "out.zip")


def test_entries_are_in_order_with_one_date_and_plain_modes(chalice_zip: Path, tmp_path: Path) -> None:
    """
    1980 is the earliest that a zip can say.
    """
    rebuild(chalice_zip, tmp_path / "work", tmp_path / "out.zip", door("mobile"))

    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {oct(entry.external_attr >> 16) for entry in entries} == {"0o100644", "0o100755"}


def test_only_doors_that_talk_to_stripe_carry_it() -> None:
    """
    Seventeen megabytes that finance never loads.
    """
    carry = {each.name for each in DOORS if keeps("stripe/_invoice_service.py", each)}

    assert carry == {"mobile", "partner", "workers"}


@pytest.mark.parametrize(
    "name",
    [
        "botocore/data/endpoints.json",
        "botocore/data/partitions.json",
        "botocore/data/_retry.json",
        "botocore/data/sdk-default-configuration.json",
        "botocore/data/dynamodb/2012-08-10/endpoint-rule-set-1.json.gz",
        "botocore/cacert.pem",
        "boto3-1.44.5.dist-info/METADATA",
        "boto3-1.44.5.dist-info/LICENSE",
        "cryptography-50.0.2.dist-info/licenses/LICENSE.APACHE",
        "stripe/test_helpers/__init__.py",
        "tzdata/zoneinfo/Europe/Helsinki",
        "_cffi_backend.cpython-311-x86_64-linux-gnu.so",
    ],
)
def test_what_is_read_at_run_time_stays(name: str) -> None:
    """
    Shared endpoint data, metadata, licences, zones, machine code.
    """
    assert keeps(name, door("workers"))


@pytest.mark.parametrize(
    "name",
    [
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "botocore/data/dynamodb/2012-08-10/examples-1.json",
        "boto3/data/ec2/2016-11-15/resources-1.json",
        "certifi/tests/test_certify.py",
        "chalicelib/kernel/__pycache__/money.cpython-311.pyc",
        "chalicelib/py.typed",
        "stripe/params/_invoice_create_params.py",
        "pycparser/c_parser.py",
        "cffi-2.1.1.dist-info/RECORD",
        "jmespath-1.1.0.data/scripts/jp.py",
    ],
)
def test_what_is_never_read_at_run_time_goes(name: str) -> None:
    """
    Models of services that we do not call, tests, stubs, lists of files.
    """
    assert not keeps(name, door("workers"))
