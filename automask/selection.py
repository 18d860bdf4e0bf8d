"""What a rule selects in one image: its mask, its regions, and how it came to them."""

from __future__ import annotations

from typing import Any

from automask import images, weights
from automask.errors import RuleError
from automask.selector.evaluate import Evaluation
from automask.selector.explain import Explanation
from automask.selector.explain import explain as explain_rule
from automask.selector.named import expanded, is_short
from automask.selector.parse import parse
from automask.selector.syntax import Find, Named, Rule, as_rule, walk
from automask.strategies.base import Strategy
from automask.types import Image, Mask, Region


def read_rule(rule: Rule | str) -> Rule:
    """The rule with its text parsed, its ``@names`` and the phrases that are covered put in.

    Raises
    ------
    RuleError
        If it is a text, but not a rule.
    ArgumentError
        If it is neither, or names a model that its strategy cannot use.
    """
    try:
        tree = _put_in(as_rule(rule))
    except RuleError as error:
        raise _as_phrase(rule, error) from None
    for part in walk(tree):
        if isinstance(part, Find):
            _check_model(part.strategy)
    return tree


def _as_phrase(rule: Any, error: RuleError) -> RuleError:
    """The error, with what to write where `rule` is a phrase without quotes."""
    from automask.selector.spelling import is_bare_phrase

    if error.text != rule or not is_bare_phrase(error.text):
        return error
    quote = "'" if "'" not in error.text else '"'
    offer = f"As a phrase it takes quotes of its own: {quote}{error.text}{quote}."
    return RuleError(error.message, error.text, error.position, offer)


def _put_in(tree: Rule) -> Rule:
    if not is_short(tree):
        return tree
    if not any(isinstance(part, Named) for part in walk(tree)):
        return expanded(tree, {})
    from automask import settings

    return expanded(tree, settings.load().rules)


def _check_model(strategy: Strategy) -> None:
    """Before any picture is read: what is wrong for one of them is wrong for all."""
    pinned = getattr(strategy, "model", None)
    if strategy.models and isinstance(pinned, str):
        weights.check_pin(strategy.models, pinned, of=strategy.name)


def mask(image: Any, rule: Rule | str) -> Mask:
    """The mask of what `rule` selects in `image`; an empty one where it selects nothing.

    Parameters
    ----------
    image : path, bytes, PIL image, uint8 RGB ndarray of shape (H, W, 3), or Image
        A string is a path, "-" for standard input, or an http(s) address.
    rule : str or Rule

    Returns
    -------
    Mask
        Its `array` is bool of shape (H, W), True = selected.

    Raises
    ------
    RuleError, ImageError, ModelError, NeedsReview, PluginError
        See `automask.errors`.

    Examples
    --------
    >>> import numpy as np, automask
    >>> picture = np.zeros((4, 6, 3), np.uint8)
    >>> automask.mask(picture, "rect(0, 0, 50%, 2px)").array.sum()
    np.int64(6)
    """
    tree = read_rule(rule)
    loaded = images.load(image)
    return masked(loaded, tree)


def masked(image: Image, tree: Rule) -> Mask:
    """The mask of `tree`, whose names are expanded, on a loaded image."""
    evaluation = Evaluation(image)
    array = evaluation.pixels(tree)
    return Mask(
        array,
        rule=str(tree),
        models=evaluation.models,
        source=image.source,
        source_sha256=image.digest,
        orientation=image.orientation,
    )


def nothing(rule: Rule | str, shape: tuple[int, int]) -> str:
    """That `rule` selects nothing in an image of `shape` (H, W), in words; and why, if it is plain.

    >>> nothing("point(900px, 10px):grow(5px)", (480, 640))
    'the rule selects nothing: point(900px, 10px) lies outside of the picture, which is 640 x 480'
    """
    said = "the rule selects nothing"
    outside = dict.fromkeys(str(f) for f in _finds(rule) if f.strategy.is_outside(shape))
    if not outside:
        return said
    places = f"{', '.join(outside)} {'lies' if len(outside) == 1 else 'lie'}"
    return f"{said}: {places} outside of the picture, which is {shape[1]} x {shape[0]}"


def _finds(rule: Rule | str) -> list[Find]:
    """The strategies in a rule; none of the words that a mask made by hand may have for one."""
    try:
        tree = parse(rule) if isinstance(rule, str) else rule
    except RuleError:
        return []
    return [part for part in walk(tree) if isinstance(part, Find)]


def regions(image: Any, rule: Rule | str) -> list[Region]:
    """The regions that `rule` selects in `image`, in the rule's order.

    Parameters and errors are those of `mask`.
    """
    tree = read_rule(rule)
    return list(Evaluation(images.load(image)).regions(tree))


def explain(image: Any, rule: Rule | str) -> Explanation:
    """How `rule` comes to its answer on `image`: every part with regions, pixels and time.

    Parameters and errors are those of `mask`.
    """
    tree = read_rule(rule)
    return explain_rule(images.load(image), tree)
