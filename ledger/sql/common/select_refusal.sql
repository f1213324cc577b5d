SELECT code, text FROM refusals WHERE conversation = ? AND request_id = ?
