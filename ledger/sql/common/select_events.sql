SELECT conversation, stream, event
FROM events
WHERE (conversation, stream, seq) IN ({{(?, ?, ?)}})
