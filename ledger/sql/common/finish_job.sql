-- What was asked for is not needed any more, and may name somebody.
UPDATE jobs SET state = ?, code = ?, text = ?, parts = ?, request = '' WHERE id = ?
