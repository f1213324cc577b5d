SELECT id, COUNT(*)
FROM conversations
WHERE shared_seq <> (SELECT COALESCE(MAX(seq), 0) FROM events WHERE conversation = conversations.id AND stream = 1)
   OR staff_seq <> (SELECT COALESCE(MAX(seq), 0) FROM events WHERE conversation = conversations.id AND stream = 2)
GROUP BY id
ORDER BY id
LIMIT 100
