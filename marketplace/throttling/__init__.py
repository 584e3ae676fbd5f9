"""Throttling: how often what others can guess, fill up or wear out may be tried.

Owns the table of attempts, which all processes share, and the limits in `rules`. Other features call
`actions.count_attempt` before they do what is limited.
"""
