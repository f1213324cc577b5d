DELETE FROM events WHERE conversation = ?
