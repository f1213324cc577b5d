SELECT COUNT(*) FROM jobs WHERE subject = ?
