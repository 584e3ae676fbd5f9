"""How many members one member can block."""

# Each page leaves them out one by one, and the account page lists them all.
BLOCKED_MAXIMUM = 500
