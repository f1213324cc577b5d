SELECT id FROM jobs WHERE subject = ?
