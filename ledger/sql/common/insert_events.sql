INSERT INTO events (conversation, stream, seq, request_id, recorded_at, event, hash)
VALUES {{(?, ?, ?, ?, ?, ?, ?)}}
