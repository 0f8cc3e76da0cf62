// Package all lists every detector: the one place that names them all.
package all

import "flightpoll/detectors"

// Detectors is the list, in the order of the poll.
var Detectors = []*detectors.Detector{}
