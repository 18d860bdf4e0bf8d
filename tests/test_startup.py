"""What a rule does not use is not imported, and no answer depends on that."""

import subprocess
import sys

import pytest

from automask.registry import FOLDERS


def fresh(code):
    """What a new Python prints that runs `code`."""
    command = [sys.executable, "-c", f"import sys\n{code}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_name_with_a_module_of_its_own_is_found_alone():
    code = (
        "from automask.strategies.base import STRATEGIES\n"
        "STRATEGIES['color']\n"
        "print('automask.strategies.contour' in sys.modules, 'automask.filters.base' in sys.modules)"
    )
    assert fresh(code) == "False False"


def test_name_in_a_family_is_found_in_its_folder():
    code = (
        "from automask.filters.base import FILTERS\n"
        "print(FILTERS['largest'].name, 'automask.strategies.contour' in sys.modules)"
    )
    assert fresh(code) == "largest False"


@pytest.mark.parametrize("name", ["base", "nowhere", "a.b", "", "../color", 3, None])
def test_what_is_no_name_is_not_found(name):
    code = f"from automask.strategies.base import STRATEGIES\nprint({name!r} in STRATEGIES)"
    assert fresh(code) == "False"


def test_names_are_all_there_afterwards():
    code = (
        "from automask.strategies.base import STRATEGIES\n"
        "STRATEGIES['color']\n"
        "print(' '.join(STRATEGIES))"
    )
    assert fresh(code) == fresh(
        "from automask.strategies.base import STRATEGIES\nprint(' '.join(STRATEGIES.names()))"
    )
    assert "automask.strategies" in FOLDERS
