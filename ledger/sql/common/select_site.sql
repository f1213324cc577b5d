SELECT site FROM conversations WHERE id = ?
