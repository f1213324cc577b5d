DELETE FROM heads WHERE id = ?
