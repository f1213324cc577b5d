SELECT data FROM job_parts WHERE job = ? AND part = ?
