"""Plays the whole loop against a running stack, through its public surfaces only: pages and their forms, the SDK in a
real browser, the shop's signed hooks, the API, the sandbox's clock, the mailbox.
"""
