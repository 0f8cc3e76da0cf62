// Package rehearse runs a branch's migrations in a throw-away database: there, there again, back, and there once more.
//
// It never touches a database that it has not made itself, and what it makes is gone afterwards: folder, server and
// database. Where the process is killed, the next start clears away what is left.
package rehearse
