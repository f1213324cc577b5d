UPDATE meta SET value = ? WHERE name = ?
