DELETE FROM conversations WHERE id = ?
