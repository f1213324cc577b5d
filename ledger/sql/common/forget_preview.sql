UPDATE heads SET preview_seq = 0 WHERE id = ?
