SELECT conversation, request_id, stream, seq, event
FROM events FORCE INDEX (events_request)
WHERE (request_id, conversation) IN ({{(?, ?)}})
