//go:build !cgo

package scripts

// sqlReader says that PostgreSQL's parser is not in this build.
const sqlReader = false

func readPostgres(string) ([]operation, bool) { return nil, false }
