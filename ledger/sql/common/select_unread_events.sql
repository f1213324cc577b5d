SELECT conversation, stream, seq, recorded_at, event
FROM events
WHERE (conversation, stream, seq) IN ({{(?, ?, ?)}})
