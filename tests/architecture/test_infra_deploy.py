"""infra/deploy.sh, with a stand-in for the AWS command line that writes down what it is asked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.sam import merge_template

AWS = """#!/bin/bash
echo "$*" >> "$CALLS"
case "$*" in
  *get-caller-identity*) echo 123456789012 ;;
  *get-parameter*"$MISSING"*) exit 1 ;;
esac
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A tree with the script, four packages, and an `aws` of our own."""
    (tmp_path / "infra").mkdir()
    shutil.copy("infra/deploy.sh", tmp_path / "infra")
    for door in ("mobile", "partner", "finance", "workers"):
        (tmp_path / "build" / "package" / door).mkdir(parents=True)
        (tmp_path / "build" / "package" / door / "deployment.zip").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "aws").write_text(AWS)
    (tmp_path / "bin" / "aws").chmod(0o755)
    return tmp_path


def deploy(place: Path, *arguments: str, missing: str = "nothing", **given: str) -> subprocess.CompletedProcess[str]:
    """Run the script there; its calls are in `place / "calls"`."""
    environment = os.environ | {"PATH": f"{place / 'bin'}:/usr/bin:/bin", "CALLS": str(place / "calls")}
    environment |= {"MISSING": missing, "AWS_DEFAULT_REGION": "eu-north-1", **given}
    command = ["/bin/bash", str(place / "infra" / "deploy.sh"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_what_others_build_on_is_deployed_first(place: Path) -> None:
    """
    Account, data, identity, and then the doors, each under the stage's own name.
    """
    done = deploy(place, "staging")

    calls = (place / "calls").read_text().splitlines()
    deployed = [line.split("--stack-name ")[1].split()[0] for line in calls if "cloudformation deploy" in line]
    assert done.returncode == 0, done.stderr
    assert deployed[:3] == ["adgang-account", "adgang-staging-data", "adgang-staging-identity"]
    assert deployed[3:] == [f"adgang-staging-{door}" for door in ("mobile", "partner", "finance", "workers")]


def test_money_is_not_real_unless_somebody_says_so(place: Path) -> None:
    """
    The mode is test by default.
    """
    deploy(place, "staging")

    doors = [line for line in (place / "calls").read_text().splitlines() if "Mode=" in line and "Zone=" in line]
    assert len(doors) == 4
    assert all("Mode=test" in line for line in doors)


def test_a_missing_secret_stops_before_anything_is_made(place: Path) -> None:
    """
    A door without its pepper would refuse every partner; better not to put it up.
    """
    done = deploy(place, "staging", missing="/adgang/staging/pepper")

    assert done.returncode == 1
    assert "/adgang/staging/pepper is missing" in done.stderr
    assert "cloudformation" not in (place / "calls").read_text()


@pytest.mark.parametrize(("over", "status"), [(0, 0), (1, 2)])
def test_a_mapping_of_accounts_that_no_function_can_be_given_stops_before_anything_is_made(
    place: Path, over: int, status: int
) -> None:
    """
    AWS takes 4 KB for all of a function's variables; the template takes as much of them as the script.
    """
    most = merge_template("workers")["Parameters"]["JournalAccounts"]["MaxLength"]
    mapping = place / "accounts.json"
    mapping.write_text("{}".ljust(most + over))
    done = deploy(place, "staging", JOURNAL_ACCOUNTS_FILE=str(mapping))

    assert done.returncode == status, done.stderr
    assert (place / "calls").exists() == (status == 0)
    assert (f"at most {most} fit" in done.stderr) == (status != 0)


def test_a_mapping_of_accounts_that_is_not_there_stops_before_anything_is_made(place: Path) -> None:
    """
    A stage whose accounts had numbers would otherwise get those of the documentation.
    """
    done = deploy(place, "staging", JOURNAL_ACCOUNTS_FILE=str(place / "none.json"))

    assert done.returncode != 0
    assert "none.json" in done.stderr
    assert not (place / "calls").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((), "which stage"), (("",), "which stage"), (("Prod!",), "lower-case")],
    ids=["none", "empty", "misspelt"],
)
def test_a_stage_has_to_be_named(place: Path, arguments: tuple[str, ...], says: str) -> None:
    """
    Nothing is deployed by accident to a stage that nobody named.
    """
    done = deploy(place, *arguments)

    assert done.returncode == 2
    assert says in done.stderr


def test_without_the_aws_command_line_it_says_so(place: Path) -> None:
    """
    One sentence, not a traceback.
    """
    (place / "bin" / "aws").unlink()
    for tool in ("bash", "dirname"):
        (place / "bin" / tool).symlink_to(f"/bin/{tool}")

    done = subprocess.run(
        ["/bin/bash", str(place / "infra" / "deploy.sh"), "staging"],
        env={"PATH": str(place / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "AWS command line" in done.stderr


def test_without_packages_it_says_what_to_run_first(place: Path) -> None:
    """
    The doors are packed by `make package`.
    """
    shutil.rmtree(place / "build")

    done = deploy(place, "staging")

    assert done.returncode == 2
    assert "make package" in done.stderr
