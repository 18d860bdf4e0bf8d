"""The words that phrases and labels are written in; what they mean never depends on the machine.

``labels.toml`` has the names of objects and other words for them, ``phrases.toml`` all else.
"""

from automask.vocabulary.labels import label_of, labels, nearest
from automask.vocabulary.words import LONGEST, Noun, Phrases, noun, phrases, single_words

__all__ = [
    "LONGEST",
    "Noun",
    "Phrases",
    "label_of",
    "labels",
    "nearest",
    "noun",
    "phrases",
    "single_words",
]
