"""Things in a row that share words: "red and blue cars", "cats and dogs on the left"."""

from __future__ import annotations

from automask import vocabulary
from automask.selector.noun_words import colour_at, cut_start, head_of, noun_phrase, place_behind


def shared(tokens: list[str]) -> list[list[str]]:
    """The tokens of each thing, with the words that it shares with others.

    Colours share the noun behind them: red and blue cars are red cars and blue cars, a red and blue
    car is one that has both colours. What stands behind the last thing is said of all where the
    last has no article of its own. What only picks shares the noun too: the first and the last dog.
    There is a thing without tokens where it is not clear.
    """
    parts, either = _split(tokens)
    return _with_owners(_with_ends(_with_picked(_with_nouns(parts, either=either))))


def _split(tokens: list[str]) -> tuple[list[list[str]], bool]:
    """The tokens between the words that join things, and whether one of those is "or"."""
    words, either = vocabulary.phrases(), False
    parts: list[list[str]] = [[]]
    while tokens:
        rest = cut_start(tokens, (*words.plus, ","))
        if len(rest) < len(tokens):
            either = either or tokens[0] in words.either
            parts.append([])
            tokens = rest
        else:
            parts[-1].append(tokens[0])
            tokens = tokens[1:]
    last = len(parts) - 1
    return [part for n, part in enumerate(parts) if part or n in (0, last)], either  # ", and"


def _with_nouns(parts: list[list[str]], *, either: bool) -> list[list[str]]:
    """The parts, those that are colours alone with the noun that follows."""
    bare = [_is_bare(*some) for some in zip(parts, [*parts[1:], []], strict=True)]
    if all(bare) or not any(bare):
        return parts
    first = bare.index(False)
    if any(bare[first:]) or not all(_is_colour(part) for part in parts[:first]):
        return [[]]
    colours, named, others = parts[:first], parts[first], parts[first + 1 :]
    noun, article = _behind_colours(named)
    head = head_of(named)
    if not noun or head is None:
        return [[]]
    if either or article or not head.single:
        return [*([*colour, *noun] for colour in colours), named, *others]
    return [[token for colour in colours for token in colour] + named, *others]


def _with_picked(parts: list[list[str]]) -> list[list[str]]:
    """The parts, those that only say which one with the noun that follows and what is behind it."""
    filled = parts[-1:]
    for part in reversed(parts[:-1]):
        noun, end, picks = _lent_by(filled[0])
        lacks = part and noun and picks and noun_phrase(part) is None
        said = noun_phrase([*part, *noun]) if lacks else None
        filled.insert(0, [*part, *noun, *end] if said and said.says_which else part)
    return filled


def _lent_by(tokens: list[str]) -> tuple[list[str], list[str], bool]:
    """The noun of a thing, what is behind it, and whether what is before it says which one."""
    end = _end_of(tokens)
    body = tokens[: len(tokens) - len(end)]
    said = noun_phrase(body)
    for length in range(vocabulary.LONGEST, 0, -1):
        if said and vocabulary.noun(" ".join(body[-length:])):
            return body[-length:], end, said.says_which
    return [], [], False


def _with_ends(parts: list[list[str]]) -> list[list[str]]:
    """The parts, with the place or the relation behind the last where that has no article."""
    words, last = vocabulary.phrases(), parts[-1]
    if len(parts) < 2 or not last or last[0] in (*words.before, *words.every, *words.numbers):
        return parts
    end = _end_of(last)
    return [*(part if _end_of(part) else [*part, *end] for part in parts[:-1]), last]


def _with_owners(parts: list[list[str]]) -> list[list[str]]:
    """Eyes and mouths, with whose they are where it is said of one of them."""
    if len(parts) < 2 or not all(map(_is_of_people, parts)):
        return parts
    first, last = parts[0], parts[-1]
    if "'s" in first:
        owner = first[: first.index("'s") + 1]
        return [part if "'s" in part or "of" in part else [*owner, *part] for part in parts]
    if "of" in last:
        end = last[last.index("of") :]
        return [part if "'s" in part or "of" in part else [*part, *end] for part in parts]
    return parts


def _is_of_people(tokens: list[str]) -> bool:
    """Whether it is a part of people, such as eyes, whoever's."""
    own = tokens[len(tokens) - tokens[::-1].index("'s") :] if "'s" in tokens else tokens
    own = own[: own.index("of")] if "of" in own else own
    part = noun_phrase(own)
    return part is not None and part.noun in vocabulary.phrases().of_people


def _is_bare(tokens: list[str], following: list[str]) -> bool:
    """Whether no noun was said: the orange is a fruit, but a colour in the orange and red cars."""
    found = noun_phrase(tokens) if tokens else None
    if found is None or found.implied:
        return found is not None
    noun, article = _behind_colours(following)
    return tokens[-1] in vocabulary.phrases().fruits and bool(noun) and not article


def _is_colour(tokens: list[str]) -> bool:
    return not _behind_colours(tokens)[0]


def _behind_colours(tokens: list[str]) -> tuple[list[str], bool]:
    """What follows the colours that `tokens` begin with, and whether an article goes before.

    All of `tokens` are gone where no colour is there, as nothing could be shared.
    """
    words, article, found = vocabulary.phrases(), False, False
    while tokens and tokens[0] in words.before:
        tokens, article = tokens[1:], True
    while tokens and (coloured := colour_at(tokens)):
        tokens, found = coloured[1], True
    return (tokens if found else []), article


def _end_of(tokens: list[str]) -> list[str]:
    """The place, the relation or the side to count from that `tokens` end in."""
    relations = [p for some in vocabulary.phrases().relations.values() for p in some]
    for start in range(1, len(tokens)):
        rest = tokens[start:]
        counted = rest[:2] == ["from", "the"]
        if counted or place_behind(rest) or len(cut_start(rest, tuple(relations))) < len(rest):
            return rest
    return []
