SELECT stream, seq, event
FROM events
WHERE conversation = ?
ORDER BY stream, seq
