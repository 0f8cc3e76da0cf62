//go:build !unix

package checklist

import "os/exec"

// ownGroup does nothing where there are no process groups: the end of the context ends the command alone.
func ownGroup(*exec.Cmd) {}

// endGroup does nothing there either.
func endGroup(*exec.Cmd) {}
