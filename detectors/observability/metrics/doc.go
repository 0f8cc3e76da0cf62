// Package metrics says which metrics a source file declares, with their labels, and under which names an exporter shows them.
//
// The libraries are a table (libraries.yaml); names that are put together from a namespace, constants and options are
// composed. It does not know who asks for a metric.
package metrics
