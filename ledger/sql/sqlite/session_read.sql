PRAGMA journal_mode = WAL;
PRAGMA cache_size = -16384;
PRAGMA query_only = ON;
