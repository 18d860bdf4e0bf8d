"""The ImaginePro API as a client has to know it; the provider of that name is built on it.

::

    key.py        where the API key comes from, and how it stays out of every text
    addresses.py  which addresses are spoken to
    pace.py       the service's rate limits, shared by the threads and processes of one user
    wire.py       one request and what came of it: nothing is repeated here
    client.py     calls: what may be repeated, what is refused, what is in doubt
    bodies.py     JSON or not, and what an error says to a person
    answers.py    the service's answers as typed values
    masks.py      a mask as the service wants it
    parent.py     whether a message is a picture that can be edited
    service.py    the calls, by name
    history.py    a job whose answer was lost, looked for
    results.py    result pictures from wherever the service has put them

Source: the vendor's public documentation at docs.imaginepro.ai. What it leaves open is a parameter.
"""
