// Package monitors reads what watches a service: alert and recording rules, dashboards, service level objectives, monitors,
// scalers and run books, with the metrics that their queries name.
//
// It knows the documents' shapes and the query languages, and nothing of the code that is watched.
package monitors
