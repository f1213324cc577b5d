SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.parlor.migrations'))
