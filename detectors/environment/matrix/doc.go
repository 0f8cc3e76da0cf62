// Package matrix shows which variable and which flag exists in which environment: as a table for people and models, and
// as JSON. It knows names and states only: a value never reaches it.
package matrix
