SELECT d.document, e.event
FROM search_documents d
JOIN events e ON e.conversation = d.conversation AND e.stream = d.stream AND e.seq = d.seq
WHERE d.document IN ({{?}})
