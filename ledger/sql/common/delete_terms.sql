DELETE FROM search_terms WHERE (site, term, document) IN ({{(?, ?, ?)}})
