"""What people and merchants may ask for: a person erased, a workspace closed and deleted, everything taken along.

It stands above all that knows people, for it has to reach each of them.
"""
