"""Many pictures by one rule, or a rule each: listed, worked on, written down, reported.

::

    items.py    one picture, and what is wanted of all;  states.py  what has become of it
    inputs.py   the words of a command line to pictures;  tables.py  CSV and JSONL;  addresses.py
    places.py   where results go;  outs.py  how they come there, also into a store
    shards.py   a share of a batch for each of several machines
    recipe.py   what decides an outcome besides the picture's bytes
    work.py     what is done with one picture, in whatever thread or machine
    small.py    pictures that are masked at a part of their size
    layouts.py  masks as other tools want them
    engines/    who does it: base.py is the contract
    record.py   OUT/ledger.db;  opened.py  its file, claimed and looked into;  rows.py  a row of it
    known.py    what the record knows of a picture
    plan.py     what would be done;  estimate.py  how long;  planfile.py  as lines to change
    progress.py how far a run has come
    watch.py    folders in which pictures come later
    run.py      what drives all of them
    report/     what a batch says of itself
"""
