-- Altering a large table takes its time.
SET SESSION innodb_lock_wait_timeout = 5;
SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION';
