DELETE FROM job_parts WHERE job IN (SELECT id FROM jobs WHERE subject = ?)
