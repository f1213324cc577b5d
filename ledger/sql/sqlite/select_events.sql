SELECT conversation, stream, event
FROM events
WHERE conversation = ? AND stream = ? AND seq = ?
