INSERT INTO directory (site, kind, id, version, entry) VALUES (?, ?, ?, ?, ?)
