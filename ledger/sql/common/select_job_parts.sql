SELECT data FROM job_parts WHERE job = ? ORDER BY part
