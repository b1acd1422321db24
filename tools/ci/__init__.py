"""What a build machine needs besides Python packages, found or installed."""
