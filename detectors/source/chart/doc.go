// Package chart renders Helm charts the way "helm template" does, with bounds that Helm's own engine does not have.
//
// The templates of a chart are a program: Helm's engine executes them with text/template, which cannot be stopped, holds
// what it makes in memory, and brings client-go along (35 MB of binary, 13 ms at every start). Here the parse tree of
// text/template/parse is walked with a budget of steps, bytes and depth; values are merged by Helm's rules; what cannot
// be known stays unknown; and each value that a template uses and nothing gives is told.
package chart
