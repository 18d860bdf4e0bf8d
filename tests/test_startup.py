"""What a rule does not use is not imported, and no answer depends on that."""

import subprocess
import sys

START = "import sys\nfrom automask.strategies.base import STRATEGIES\n"


def fresh(code):
    """What a new Python prints that runs `code`."""
    command = [sys.executable, "-c", START + code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_name_with_a_module_of_its_own_is_found_alone():
    code = "STRATEGIES['color']; print(*(m for m in sys.modules if m.startswith('automask.')))"
    imported = fresh(code).split()
    assert "automask.strategies.color" in imported
    assert "automask.strategies.contour" not in imported
    assert "automask.filters.base" not in imported


def test_name_in_a_family_is_found_in_its_folder():
    code = (
        "from automask.filters.base import FILTERS\n"
        "print(FILTERS['largest'].name, 'automask.strategies.contour' in sys.modules)"
    )
    assert fresh(code) == "largest False"


def test_what_is_no_name_is_not_found():
    names = ["base", "nowhere", "a.b", "", "../color", 3, None]
    assert fresh(f"print(*(name for name in {names!r} if name in STRATEGIES))") == ""


def test_names_are_all_there_afterwards():
    assert fresh("STRATEGIES['color']; print(*STRATEGIES)") == fresh("print(*STRATEGIES)") != ""
