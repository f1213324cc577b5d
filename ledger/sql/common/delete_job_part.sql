DELETE FROM job_parts WHERE job = ? AND part = ?
