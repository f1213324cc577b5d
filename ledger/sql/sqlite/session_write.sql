PRAGMA journal_mode = WAL;
-- Every commit is on the disk when it returns; see the promise in docs/architecture.md.
PRAGMA synchronous = FULL;
PRAGMA cache_size = -65536;
-- A checkpoint copies each page once however often it changed: rarer ones write less.
PRAGMA wal_autocheckpoint = 8000;
