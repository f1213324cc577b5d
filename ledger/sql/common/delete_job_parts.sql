DELETE FROM job_parts WHERE job = ?
