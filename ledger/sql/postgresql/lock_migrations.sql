SELECT pg_advisory_lock(7261990403)::text
