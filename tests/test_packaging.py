"""The wheel holds all that the packages need, and every import obeys the order of the house."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("spec_lang", "acceptance", "grammars", "templates", "pyproject.toml", "README.md", "LICENSE")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]


def copied(folder: Path) -> Path:
    """The parts of the tree that a wheel is made of."""
    folder.mkdir(parents=True)
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    return folder


# ------------------------------------------------------------------------------------------------ the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec("setuptools") is None:
        pytest.skip("setuptools is not installed")
    folder = tmp_path_factory.mktemp("build")
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", ".", *offline, "--wheel-dir", str(folder)]
    run = subprocess.run(command, cwd=copied(folder / "tree"), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    (made,) = folder.glob("*.whl")
    return made


def shipped() -> set[str]:
    """Every file that must be in the wheel, by its place there."""
    found = set()
    for source, package in (
        ("spec_lang", "spec_lang"),
        ("acceptance", "acceptance"),
        ("grammars", "spec_lang/grammars"),
        ("templates", "acceptance/templates"),
    ):
        for path in (ROOT / source).rglob("*"):
            if path.is_file() and not {"__pycache__", "vscode"} & set(path.parts):  # the extension is not Python's
                found.add(f"{package}/{path.relative_to(ROOT / source).as_posix()}")
    return found


def test_the_wheel_holds_every_module_and_every_data_file(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == shipped()
    for ending in (".py", ".lark", ".sftspec", ".jinja", ".css", ".js", ".yaml", "py.typed"):
        assert any(name.endswith(ending) for name in names), ending


def test_every_package_is_listed() -> None:
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for wing in ("spec_lang", "acceptance")
        for path in (ROOT / wing).rglob("__init__.py")
    }
    assert set(SETTINGS["setuptools"]["packages"]) == packages | {"spec_lang.grammars", "acceptance.templates"}


COMPILE = """
import sys
import acceptance, spec_lang
from acceptance.cli import main
assert acceptance.__file__.startswith(sys.argv[1]) and spec_lang.__file__.startswith(sys.argv[1])
codes = [main(["check", sys.argv[2]]), main(["explain", "duplicate"]), main(["explain", "SFT2003"])]
codes.append(main(["validate", sys.argv[2], sys.argv[3], "--html", sys.argv[4]]))
print(codes, file=sys.stderr)
"""


def test_an_unpacked_wheel_works(wheel: Path, tmp_path: Path) -> None:
    """Only the wheel and the dependencies are on the path: nothing of this checkout, nothing editable."""
    from tests.procurement import build, done, sftspec

    contract = build(tmp_path / "deal")
    text = contract.read_text()
    contract.write_text(text.replace('  keys: "keys.json"\n', ""))
    done(sftspec("manifest", contract, contract.parent / "delivery"))
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    dependencies = tmp_path / "dependencies"
    dependencies.mkdir()
    for path in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "editable" not in path.name and not path.name.startswith("sftspec") and path.suffix != ".pth":
            (dependencies / path.name).symlink_to(path)
    words = [str(tmp_path / "site"), str(contract), str(contract.parent / "delivery"), str(tmp_path / "report.html")]
    command = [sys.executable, "-S", "-c", COMPILE, *words]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{tmp_path / 'site'}:{dependencies}"}
    run = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stderr.splitlines()[-1] == "[0, 0, 0, 0]"
    assert "<html" in (tmp_path / "report.html").read_text()


# ------------------------------------------------------------------------------------------------ the order


def linted(folder: Path) -> str:
    """What import-linter says of a tree."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    run = subprocess.run([*command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


def broken(said: str) -> set[str]:
    return {line.partition(" BROKEN")[0] for line in said.splitlines() if " BROKEN" in line}


def test_imports_obey_the_order() -> None:
    pytest.importorskip("importlinter")
    said = linted(ROOT)
    assert "0 broken." in said, said


PLANTED = {
    "spec_lang/source.py": ("import acceptance.ledger", {"the language knows nothing of data"}),
    "spec_lang/types.py": ("import spec_lang.parser", {"the order of the language"}),
    "acceptance/values/exact.py": ("import acceptance.engine.evaluation", {"the order of acceptance"}),
    "acceptance/rendering/batch.py": ("import torch", {"heavy imports live in the trial"}),
    "acceptance/report/view.py": ("import acceptance.ledger, acceptance.engine.wording",
                                  {"a report shows a ledger and decides nothing"}),
    "acceptance/signing/dsse.py": ("import acceptance.trial.run",
                                   {"who validates or verifies loads no trial", "the order of acceptance"}),
    "acceptance/statistics/cells.py": ("import acceptance.files", {"verdicts take values, not files"}),
}  # fmt: skip


def test_planted_faults_break_the_right_contracts(tmp_path: Path) -> None:
    pytest.importorskip("importlinter")
    for number, (name, (fault, contracts)) in enumerate(PLANTED.items()):
        tree = copied(tmp_path / str(number))
        with (tree / name).open("a") as file:
            file.write(f"\n{fault}\n")
        assert contracts <= broken(linted(tree)), (name, linted(tree))


def test_a_new_module_must_find_its_place(tmp_path: Path) -> None:
    pytest.importorskip("importlinter")
    tree = copied(tmp_path / "tree")
    (tree / "acceptance/stray.py").write_text("")
    (tree / "spec_lang/stray.py").write_text("")
    assert {"the order of acceptance", "the order of the language"} <= broken(linted(tree))


def test_only_the_trial_may_be_heavy() -> None:
    """The contract's list is every part of acceptance but the trial."""
    contracts = {contract["name"]: contract for contract in SETTINGS["importlinter"]["contracts"]}
    inside = (ROOT / "acceptance").iterdir()
    parts = {path.stem for path in inside if path.suffix == ".py" or (path / "__init__.py").exists()}
    listed = set(contracts["heavy imports live in the trial"]["source_modules"])
    assert listed == {f"acceptance.{part}" for part in parts - {"__init__", "trial"}}
