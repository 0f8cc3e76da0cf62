package scripts

// Why a step holds others up, in words.

// lock is a reason why a step is no good on a table that is in use.
type lock string

// The reasons. The first ones hold readers or writers up for as long as the table is long; the last ones break the
// release that still runs.
const (
	noLock     lock = ""
	plainIndex lock = "index"
	plainDrop  lock = "drop index"
	reindex    lock = "reindex"
	rewritten  lock = "rewrite"
	retyped    lock = "type"
	setNotNull lock = "not null"
	foreignKey lock = "foreign key"
	checked    lock = "check"
	uniqueKey  lock = "unique"
	excluded   lock = "exclusion"
	validated  lock = "validated at once"
	moved      lock = "moved"
	taken      lock = "taken"
	refreshed  lock = "refresh"
	detached   lock = "detach"
	mixed      lock = "mixed"
	renamed    lock = "rename"
	dropped    lock = "drop"
	required   lock = "required"
)

// locksUnless is the reason, or none when the safe form is used.
func locksUnless(safe bool, l lock) lock {
	if safe {
		return noLock
	}
	return l
}

// reasons say for each lock what happens and what to do instead.
var reasons = map[lock]struct{ message, why, fix string }{
	plainDrop:  {"%s is dropped under a lock", "DROP INDEX waits for every running query and lets none start meanwhile.", "DROP INDEX CONCURRENTLY, outside of a transaction."},
	reindex:    {"%s is rebuilt under a lock", "Writers wait until the index is built anew.", "REINDEX CONCURRENTLY, outside of a transaction."},
	rewritten:  {"%s has another value for each row, so the whole table is rewritten", "Readers and writers wait until the last row is written.", "Add the column without a default, set the default, and fill the rows in batches."},
	retyped:    {"The type of %s changes, so the whole table is rewritten", "Readers and writers wait until the last row is written, and the running release may not take the new type.", "Add a column of the new type, fill it in batches, and change over."},
	setNotNull: {"SET NOT NULL of %s reads the whole table under an exclusive lock", "Readers and writers wait until the last row was looked at.", "Add CHECK (column IS NOT NULL) NOT VALID, validate it in a step of its own, then SET NOT NULL."},
	foreignKey: {"The foreign key %s is checked against every row while both tables refuse writes", "Writers of both tables wait until the last row was looked at.", "Add it NOT VALID, and VALIDATE CONSTRAINT in a later transaction."},
	checked:    {"The check %s is tried on every row under an exclusive lock", "Readers and writers wait until the last row was looked at.", "Add it NOT VALID, and VALIDATE CONSTRAINT in a later transaction."},
	uniqueKey:  {"The unique key %s builds its index under an exclusive lock", "Readers and writers wait until the index is built.", "Create the unique index CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX."},
	excluded:   {"The exclusion constraint %s builds its index under an exclusive lock", "Readers and writers wait until the index is built, and there is no concurrent form.", "Do it while the table is small, or in a time without traffic; say so in the migration."},
	validated:  {"Constraint %s is added NOT VALID and validated in the same transaction", "The lock of the first statement is held through the second one, so that nothing is won.", "Validate it in a migration of its own."},
	moved:      {"%s is written anew under an exclusive lock", "Nobody reads or writes the table until it is done.", "Leave it to autovacuum, or use pg_repack."},
	taken:      {"%s is locked by hand", "Others wait until the transaction ends, whatever else it does.", "Take a weaker lock, a row lock or an advisory lock, with a lock_timeout."},
	refreshed:  {"%s is refreshed under an exclusive lock", "Nobody reads the view until it is done.", "REFRESH MATERIALIZED VIEW CONCURRENTLY, which wants a unique index."},
	detached:   {"A partition of %s is detached under a lock", "Queries of the whole table wait.", "DETACH PARTITION ... CONCURRENTLY, outside of a transaction."},
	mixed:      {"Rows of %s are changed in the transaction that changed the schema", "The lock of the schema change is held until the last row is written.", "Put the rows into a migration of their own, in batches."},
	renamed:    {"%s is renamed at once", "The release that still runs asks for the old name from that moment on.", "Add the new one, write both, change the readers over, and drop the old one in a later release."},
	dropped:    {"%s is dropped while the release that uses it may still run", "Where the running release reads or writes it by name, its statements fail from that moment on.", "Release the code without it first, and drop it in a later release."},
	required:   {"%s refuses NULL, and the default is not kept in the database", "The release that still runs does not name the column, so its inserts fail.", "Keep the default in the database (db_default), or add it with null=True first."},
}
