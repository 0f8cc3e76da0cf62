// Package routes knows the routes that web programs answer: what code registers by calls, decorators, annotations and file
// names in the frameworks in use, and where a text calls one. It knows nothing of what a branch changed.
package routes
