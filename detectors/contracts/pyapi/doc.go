// Package pyapi knows what Python modules offer by name and how two versions of that differ: the twelve kinds of breakage that
// griffe tells apart (mkdocstrings.github.io/griffe/guide/users/checking), whether a call fits a signature, and where a dotted
// name leads to. It knows nothing of branches and findings.
package pyapi
