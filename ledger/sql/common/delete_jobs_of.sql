DELETE FROM jobs WHERE subject = ?
