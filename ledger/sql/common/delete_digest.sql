DELETE FROM digests WHERE site = ? AND conversation = ?
