SELECT conversation, request_id, stream, seq, event
FROM events
WHERE (request_id, conversation) IN ({{(?, ?)}})
