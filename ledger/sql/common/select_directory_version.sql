SELECT version FROM directory WHERE site = ? AND kind = ? AND id = ?
