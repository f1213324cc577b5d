INSERT INTO search_terms (site, term, document) VALUES {{(?, ?, ?)}}
