// Package branch says what git knows of the change under review: its base, its commits with their
// trailers, its changed files with both sides and hunks, and what is not committed yet.
//
// It reads the repository and never writes to it. It knows nothing of what the files mean.
package branch
