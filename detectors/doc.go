// Package detectors says what a detector is and runs a list of them over a branch.
//
// It knows the branch, the source and the findings. It knows no single detector (those live in the
// folders below it, listed in detectors/all), no question for a human and no terminal.
package detectors
