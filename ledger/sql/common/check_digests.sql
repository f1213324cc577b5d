SELECT conversation, COUNT(*)
FROM digests
WHERE NOT EXISTS (
    SELECT 1 FROM conversations JOIN heads ON heads.id = conversations.id
    WHERE conversations.id = digests.conversation
      AND conversations.site = digests.site
      AND heads.shared_seq >= digests.shared_seq
      AND heads.staff_seq >= digests.staff_seq)
GROUP BY conversation
ORDER BY conversation
LIMIT 100
