SELECT conversation, COUNT(*)
FROM digests
WHERE NOT EXISTS (
    SELECT 1 FROM conversations
    WHERE conversations.id = digests.conversation
      AND conversations.site = digests.site
      AND conversations.shared_seq >= digests.shared_seq
      AND conversations.staff_seq >= digests.staff_seq)
GROUP BY conversation
ORDER BY conversation
LIMIT 100
