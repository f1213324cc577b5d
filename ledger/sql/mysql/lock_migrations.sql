SELECT GET_LOCK(CONCAT(DATABASE(), '.parlor.migrations'), 60)
