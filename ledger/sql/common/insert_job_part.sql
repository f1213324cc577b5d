INSERT INTO job_parts (job, part, data) VALUES (?, ?, ?)
