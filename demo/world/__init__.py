"""The demo world: 14 months of believable shops, played through the product's own actions with ``now`` given.

``build.build_world`` makes it, ``try_it.ways_in`` says how to enter it. Nothing is written behind the product's back.
"""
