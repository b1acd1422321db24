"""A tenant leaves: what is still to be done, read from what is known, and ticked where it is not.

Nothing here changes anything at Microsoft.
"""
