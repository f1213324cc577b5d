SELECT document
FROM search_terms
WHERE (site, term, document) IN ({{(?, ?, ?)}})
