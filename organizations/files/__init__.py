"""Files that people upload: kept until they are read, shown with what they would do, then run."""
