DELETE FROM participants WHERE conversation = ?
