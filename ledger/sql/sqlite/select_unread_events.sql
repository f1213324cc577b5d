SELECT conversation, stream, seq, recorded_at, event
FROM events
WHERE conversation = ? AND stream = ? AND seq = ?
