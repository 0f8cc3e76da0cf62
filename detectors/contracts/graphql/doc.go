// Package graphql reads GraphQL schemas and documents out of the files of a repository and compares two sides of a schema
// by the rules of GraphQL Inspector. It knows nothing of detectors.
package graphql
