"""Measures the portal against the least the same work can cost on the same machine.

Seconds say more about a machine than about a program, so nothing here is judged by seconds alone
where it can be judged by a ratio: each measurement does the work once as the portal does it and
once bare, in one run, side by side. Both are real: real servers, real pages, real operations.
"""
