"""REST plumbing: who calls, what they may, how lists are paged."""
