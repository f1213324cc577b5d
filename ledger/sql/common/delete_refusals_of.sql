DELETE FROM refusals WHERE conversation = ?
