PRAGMA journal_mode = WAL;
-- What follows the record can be made again: it is on the disk with the recorder's next commit.
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -16384;
PRAGMA wal_autocheckpoint = 8000;
