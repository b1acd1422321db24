"""Stories of client and simulator, by theme: every function `story_...` is run as one test."""
