// Package contracts finds the first pattern: a contract changes and somebody still expects the old shape.
//
// It knows shapes (what a type, a schema or a document says a record looks like), what the branch changed about them,
// and the places of the repository that still speak the old one. It knows no environment, no migration and no
// question for a human.
package contracts
