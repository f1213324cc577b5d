SELECT COUNT(*)
FROM participants
WHERE conversation = ?
  AND (SELECT shared_seq FROM conversations WHERE id = participants.conversation) <= ?
