SELECT COUNT(*)
FROM participants
WHERE conversation = ?
  AND (SELECT shared_seq FROM heads WHERE id = participants.conversation) <= ?
