SELECT pg_advisory_unlock(7261990403)
