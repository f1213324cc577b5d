UPDATE jobs SET state = ?, code = ?, text = ?, parts = ? WHERE id = ?
