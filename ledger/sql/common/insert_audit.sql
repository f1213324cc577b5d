INSERT INTO audit (id, site, actor, action, target) VALUES (?, ?, ?, ?, ?)
