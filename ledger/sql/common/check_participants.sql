SELECT wrong.conversation, COUNT(*)
FROM (SELECT conversation
      FROM participants
      WHERE NOT EXISTS (SELECT 1 FROM conversations
                        WHERE id = participants.conversation AND site = participants.site)
      UNION ALL
      SELECT id
      FROM conversations
      WHERE state = 1 AND agent <> ''
        AND NOT EXISTS (SELECT 1 FROM participants
                        WHERE participants.site = conversations.site
                          AND participants.agent = conversations.agent
                          AND conversation = id)) AS wrong
GROUP BY wrong.conversation
ORDER BY wrong.conversation
LIMIT 100
