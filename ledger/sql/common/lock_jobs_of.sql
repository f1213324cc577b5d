SELECT id FROM jobs WHERE subject = ? FOR UPDATE
