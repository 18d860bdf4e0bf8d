# What a contributor types; `just` lists it. Set up once: see CONTRIBUTING.md.

python := env("PYTHON", ".venv/bin/python")

_list:
    @just --list --unsorted

# The whole suite, two processes at a time
test *args:
    {{python}} -m pytest -n 2 {{args}}

# Lint, format, types, layers: changes nothing
lint:
    {{python}} -m ruff check .
    {{python}} -m ruff format --check .
    {{python}} -m mypy -p automask
    {{python}} -m mypy tests/typing
    {{parent_directory(python)}}/lint-imports

# Mend what ruff can mend
fix:
    {{python}} -m ruff check --fix .
    {{python}} -m ruff format .

# Bring the generated parts of the README up to date
docs:
    {{python}} docs/generate.py

# A wheel in dist/
wheel:
    {{python}} -m pip wheel --no-deps --wheel-dir dist .

# The benchmarks, as ratios to plain OpenCV scripts
bench *args:
    {{python}} benchmarks/speed.py {{args}}

# What a batch costs beside a bare pool of threads, in time and memory
bench-batch *args:
    {{python}} benchmarks/batch.py {{args}}

# What paid jobs cost beside a bare loop of the same calls, against the sandbox
bench-submit *args:
    {{python}} benchmarks/submit.py {{args}}

# What decides whether main may move
ci:
    .ci/run
