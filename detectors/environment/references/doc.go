// Package references says what code reads from its environment: variables and keys of configuration, whether it can do
// without them, and what it does when they are absent.
//
// Every language is read by its tree (detectors/source), one file a language here; a name that is built while the
// program runs is dynamic and gives no reference. The package knows code only: which file gives a name its value, and
// for which environment, is not its business.
package references
