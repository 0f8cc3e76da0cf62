// Package options knows the options of command lines: which ones a program's code declares, by which names the program
// is called, and where a text passes one to it.
package options
