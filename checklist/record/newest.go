package record

// The record that `flightpoll show` shows when none is named.

import (
	"fmt"
	"path/filepath"
	"time"
)

// Newest is the folder of the record with the latest issue time in the work tree at root.
func Newest(root string) (string, error) {
	newest, at := "", time.Time{}
	for _, name := range foldersOnDisk(root) {
		folder := filepath.Join(root, filepath.FromSlash(Dir), name)
		rec, err := Read(folder)
		if err == nil && rec.Statement.Predicate.IssuedAt.After(at) {
			newest, at = folder, rec.Statement.Predicate.IssuedAt
		}
	}
	if newest == "" {
		return "", fmt.Errorf("no record below %s: run flightpoll, answer, and sign", Dir)
	}
	return newest, nil
}
