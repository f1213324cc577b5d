SELECT 1 FROM meta WHERE name = 'epoch' AND value = ?
