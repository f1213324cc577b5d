SELECT site, COUNT(*)
FROM search_terms
WHERE NOT EXISTS (
    SELECT 1 FROM search_documents
    JOIN conversations ON conversations.id = search_documents.conversation
    WHERE search_documents.document = search_terms.document AND conversations.site = search_terms.site)
GROUP BY site
ORDER BY site
LIMIT 100
