"""Long work: the row is the job, the message only rings the bell (DEC3, DEC5)."""
