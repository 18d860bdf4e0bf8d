"""The words that phrases and labels are written in; what they mean never depends on the machine.

``labels.toml`` has the names of objects and other words for them, ``near.toml`` words that are near
to one in meaning, ``phrases.toml`` all else.
"""

from automask.vocabulary.labels import (
    is_none,
    label_of,
    labels,
    near_in_meaning,
    nearest,
    plural_of,
)
from automask.vocabulary.words import LONGEST, Noun, Phrases, noun, phrases, single_words

__all__ = [
    "LONGEST",
    "Noun",
    "Phrases",
    "is_none",
    "label_of",
    "labels",
    "near_in_meaning",
    "nearest",
    "noun",
    "phrases",
    "plural_of",
    "single_words",
]
