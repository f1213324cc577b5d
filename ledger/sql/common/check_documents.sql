SELECT conversation, COUNT(*)
FROM search_documents
WHERE NOT EXISTS (
    SELECT 1 FROM events
    WHERE events.conversation = search_documents.conversation
      AND events.stream = search_documents.stream
      AND events.seq = search_documents.seq)
GROUP BY conversation
ORDER BY conversation
LIMIT 100
