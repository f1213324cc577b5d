UPDATE jobs SET lease_until = ? WHERE id = ?
