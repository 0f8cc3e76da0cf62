// Package environment finds names that code asks for and an environment does not give: variables, configuration keys,
// chart values, Terraform variables and feature flags.
//
// Three models stand apart, so that others can build on them: references (what code reads, and whether it can do
// without), layout (which files belong to which environment) and evidence (which file gives a name, and how). No value of
// a variable ever leaves the package: messages hold names and places only.
package environment
