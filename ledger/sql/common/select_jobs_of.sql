SELECT id, owner FROM jobs WHERE subject = ? AND site = ? ORDER BY id
