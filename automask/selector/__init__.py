"""The selector language: text to tree (`parse`), tree to text and operators (`syntax`), regions.

`grammar.lark` is the grammar, `mistakes.py` the friendly errors, `evaluate.py` the meaning,
`explain.py` the trace of an evaluation.
"""
