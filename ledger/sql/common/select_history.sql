SELECT event
FROM events
WHERE conversation = ? AND stream = ? AND seq > ?
ORDER BY seq
LIMIT ?
