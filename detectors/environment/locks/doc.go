// Package locks knows lists of dependencies and their lock files: what a list asks for, and whether a lock file answers for
// it. It reads text and knows nothing of branches; what only changes how a dependency is used (a group, when it is loaded)
// and is not recorded by the lock is no part of a dependency here.
package locks
